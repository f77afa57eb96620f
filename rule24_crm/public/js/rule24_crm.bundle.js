// What the Desk of Rule24 CRM shares between forms, lists and calendars.
import "./works/words";
import "./works/choices";
import "./works/dates";
import "./works/closing_dialog";
import "./works/quick_work";
import "./works/quick_entry";
import "./works/panel";
import "./works/bulk";
import "./works/board";
import "./works/guards";
import "./parties/distribution";
import "./card/facts";
import "./card/parts";
import "./card/relations";
import "./card/network";
