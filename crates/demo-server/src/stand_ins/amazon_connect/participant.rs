//! The Participant Service, which ChatJS talks to.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::{Value, json};
use uuid::Uuid;

use super::AmazonConnect;
use super::clock::{now, time_in, time_of};
use super::contact::MESSAGE;
use super::records::Records;
use super::refusal::Refusal;

/// The most items of a transcript, and characters of a message.
const ITEMS: usize = 500;
const CHARACTERS: usize = 1024;

/// How long a socket's address and a connection's token are valid, as in the service.
const TICKET: Duration = Duration::from_secs(100);
const CONNECTION: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) async fn ask(
    State(service): State<AmazonConnect>,
    Path(action): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    let token = headers.get("x-amz-bearer").and_then(|token| token.to_str().ok()).unwrap_or_default();
    service.with(|records| {
        records.note(&format!("/participant/{action}"), &body);
        if action == "connection" {
            return connect(records, token, &service.sockets);
        }
        let contact = records.connected(token)?;
        let field = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
        Ok(Json(match action.as_str() {
            "transcript" => contact.page(&body)?,
            "message" => {
                let text = field("Content");
                let is_short = (1..=CHARACTERS).contains(&text.chars().count());
                if field("ContentType") != MESSAGE || !is_short || contact.items() >= ITEMS {
                    return Err(Refusal::INVALID);
                }
                let item = contact.visitor_says(text);
                json!({ "Id": item.get("Id"), "AbsoluteTime": item.get("AbsoluteTime") })
            }
            // This agent does not react to typing and receipts.
            "event" => json!({ "Id": Uuid::new_v4(), "AbsoluteTime": time_of(now()) }),
            "disconnect" => {
                contact.end();
                json!({})
            }
            _ => return Err(Refusal::INVALID),
        }))
    })
}

fn connect(records: &mut Records, participant_token: &str, sockets: &str) -> Result<Json<Value>, Refusal> {
    let (times, status) = &mut records.observed.failures;
    if *times > 0 {
        *times -= 1;
        return Err(Refusal::ordered(*status));
    }
    let (ticket, token) = records.connect(participant_token, (TICKET, CONNECTION))?;
    Ok(Json(json!({
        "Websocket": {
            "Url": format!("{sockets}/participant/socket?ticket={ticket}"),
            "ConnectionExpiry": time_in(TICKET),
        },
        "ConnectionCredentials": { "ConnectionToken": token, "Expiry": time_in(CONNECTION) },
    })))
}
