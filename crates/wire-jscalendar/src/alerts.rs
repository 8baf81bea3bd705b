//! `alerts` (RFC 8984 §4.5.2): VALARM (RFC 5545 §3.6.6, RFC 9074). An alarm whose trigger nobody understands stays, untold.

use crate::facets::{Change, Part, moment, only, text};
use crate::ids::{self, Found, JSID, Step};
use crate::{Refused, source::Edits, times};
use passerelle_wire_ical::{Component, Duration, Utc, escaped, line};
use serde_json::{Map, Value, json};

const MEMBERS: [&str; 3] = ["trigger", "action", "acknowledged"];

fn found<'o, 'a>(part: &Part<'o, 'a>) -> Vec<Found<&'o Component<'a>>> {
    let alarms = part.component.components.iter().filter(|it| it.is("VALARM"));
    let one = |alarm: &'o Component<'a>| {
        let text: Vec<&str> =
            ["TRIGGER", "ACTION", "UID"].iter().filter_map(|name| Some(alarm.property(name)?.text())).collect();
        let id = ids::said(alarm.property(JSID), &text.join("\n"));
        Some(Found { id, at: alarm, told: told(alarm)? })
    };
    ids::distinct(alarms.filter_map(one).collect())
}

fn told(alarm: &Component<'_>) -> Option<Value> {
    let trigger = alarm.property("TRIGGER")?;
    let value = trigger.value().trim();
    let trigger = match (Duration::parse(value), Utc::parse(value)) {
        (Some(offset), _) => {
            let mut told = json!({ "@type": "OffsetTrigger", "offset": times::duration_text(offset) });
            if trigger.parameter("RELATED").is_some_and(|word| word.eq_ignore_ascii_case("END")) {
                told.as_object_mut()?.insert("relativeTo".to_owned(), json!("end"));
            }
            told
        }
        (None, Some(when)) => json!({ "@type": "AbsoluteTrigger", "when": times::utc_text(when) }),
        (None, None) => return None,
    };
    let action = alarm.property("ACTION").map_or_else(String::new, |action| action.value().trim().to_ascii_uppercase());
    let action = match action.as_str() {
        "EMAIL" => "email",
        "" | "DISPLAY" | "AUDIO" => "display",
        // RFC 5545 §3.8.6.1: alarms of actions that one does not know are ignored. Apple's NONE says that there is none.
        _ => return None,
    };
    let mut told = json!({ "@type": "Alert", "trigger": trigger, "action": action });
    if let Some(when) = alarm.property("ACKNOWLEDGED").and_then(|it| Utc::parse(it.value().trim())) {
        told.as_object_mut()?.insert("acknowledged".to_owned(), json!(times::utc_text(when)));
    }
    Some(told)
}

pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    ids::told(&found(part), "alerts", told);
}

pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    for step in ids::steps(found(part), change.new, "alerts")? {
        match step {
            Step::Gone(alarm) => edits.remove_component(alarm),
            Step::Other(alarm, id, alert) => {
                let Written { trigger, action, acknowledged } = written(id, alert)?;
                match alarm.property("TRIGGER") {
                    Some(there) => edits.replace(there, &trigger),
                    None => edits.add(alarm, &trigger),
                }
                // AUDIO and what else shows something stays as it is.
                let told = told(alarm).and_then(|it| it.get("action").cloned());
                if told.as_ref() != alert.get("action") {
                    edits.set(alarm, "ACTION", Some(action));
                }
                edits.set(alarm, "ACKNOWLEDGED", acknowledged.as_deref());
                edits.set(alarm, JSID, Some(id));
            }
            Step::New(id, alert) => {
                let Written { trigger, action, acknowledged } = written(id, alert)?;
                // RFC 5545 §3.6.6: what is shown, and the subject of what is sent, are said.
                let title = change.new.get("title").and_then(Value::as_str).filter(|it| !it.is_empty()).unwrap_or("-");
                let mut lines = vec![
                    "BEGIN:VALARM".to_owned(),
                    format!("{JSID}:{id}"),
                    format!("ACTION:{action}"),
                    trigger,
                    format!("DESCRIPTION:{}", escaped(title)),
                ];
                if action == "EMAIL" {
                    lines.push(format!("SUMMARY:{}", escaped(title)));
                }
                lines.extend(acknowledged.map(|when| format!("ACKNOWLEDGED:{when}")));
                lines.push("END:VALARM".to_owned());
                let mut out = String::new();
                lines.iter().for_each(|text| line(text, &mut out));
                edits.add_component(part.component, &out);
            }
        }
    }
    Ok(())
}

struct Written {
    trigger: String,
    action: &'static str,
    acknowledged: Option<String>,
}

fn written(id: &str, alert: &Map<String, Value>) -> Result<Written, Refused> {
    let path = format!("alerts/{id}");
    only(alert, &path, &MEMBERS)?;
    let wrong = |name: &str, why: &str| Refused::new(format!("{path}/{name}"), why);
    let trigger = alert.get("trigger").and_then(Value::as_object);
    let trigger = trigger.ok_or_else(|| wrong("trigger", "an alert has a trigger"))?;
    let below = format!("{path}/trigger");
    only(trigger, &below, &["offset", "relativeTo", "when"])?;
    let trigger = match (text(trigger, &below, "offset")?, moment(trigger, &below, "when")?) {
        (Some(offset), None) => {
            let related = match text(trigger, &below, "relativeTo")? {
                None | Some("start") => "",
                Some("end") => ";RELATED=END",
                Some(_) => return Err(wrong("trigger/relativeTo", "it is start or end")),
            };
            let offset = Duration::parse(offset)
                .ok_or_else(|| wrong("trigger/offset", "it is a duration, which may be negative"))?;
            format!("TRIGGER{related}:{}", times::duration_text(offset))
        }
        (None, Some(when)) => format!("TRIGGER;VALUE=DATE-TIME:{when}"),
        _ => return Err(wrong("trigger", "it has either an offset or a time")),
    };
    let action = match text(alert, &path, "action")? {
        None | Some("display") => "DISPLAY",
        Some("email") => "EMAIL",
        Some(_) => return Err(wrong("action", "it is display or email")),
    };
    let acknowledged = moment(alert, &path, "acknowledged")?.map(|when| when.to_string());
    Ok(Written { trigger, action, acknowledged })
}
