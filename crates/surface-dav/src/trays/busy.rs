//! POST to the outbox: when others have no time (RFC 6638 §5).

use crate::{
    Body,
    call::Call,
    collections::of_scheduling,
    error::{Answer, Refusal, with_xml},
    method::piece,
    xml::{CALDAV, Writer},
};
use http::{StatusCode, header::CONTENT_TYPE};
use passerelle_scheduling::{Answered, free_busy};

/// Largest question, in octets: a line for each of those whom it is about.
const LARGEST: usize = 256 * 1024;

/// Answers a question.
pub(super) async fn post(call: &Call, body: &mut Body) -> Answer {
    let kind = call.header(CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("text/calendar") {
        return Err(Refusal::Calendar("supported-calendar-data"));
    }
    let mut octets = Vec::new();
    while let Some(more) = piece(body).await? {
        if octets.len().saturating_add(more.len()) > LARGEST {
            return Err(StatusCode::PAYLOAD_TOO_LARGE.into());
        }
        octets.extend_from_slice(&more);
    }
    let answers =
        free_busy(&call.session, &octets, call.session.now()).await.map_err(|refusal| of_scheduling(refusal, ""))?;
    let mut xml = Writer::begin(&format!("C:schedule-response xmlns:C=\"{CALDAV}\""));
    for Answered { recipient, status, calendar } in answers {
        xml.raw("<C:response><C:recipient><D:href>").text(&recipient).raw("</D:href></C:recipient><C:request-status>");
        xml.raw(status).raw("</C:request-status>");
        if let Some(calendar) = &calendar {
            xml.raw("<C:calendar-data>").lines(calendar).raw("</C:calendar-data>");
        }
        xml.raw("</C:response>\n");
    }
    xml.raw("</C:schedule-response>\n");
    Ok(with_xml(StatusCode::OK, xml.finish()))
}
