"""Rule24 CRM: the Rule24 way of selling, inside ERPNext."""

__version__ = "0.1.0"
