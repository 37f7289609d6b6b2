//! The sockets over which a page receives what happens in its contact.

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::AmazonConnect;
use super::contact::Push;
use super::refusal::Refusal;

#[derive(Deserialize)]
pub(super) struct Ticket {
    ticket: String,
}

pub(super) async fn open(
    State(service): State<AmazonConnect>,
    Query(Ticket { ticket }): Query<Ticket>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    let pushes = service.with(|records| Ok(records.admit(&ticket)?.subscribe()))?;
    Ok(upgrade.on_upgrade(|socket| talk(socket, pushes)))
}

/// Until either side hangs up.
async fn talk(mut socket: WebSocket, mut pushes: broadcast::Receiver<Push>) {
    let mut is_subscribed = false;
    loop {
        let reply = tokio::select! {
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => {
                    let asked: Value = serde_json::from_str(&text).unwrap_or_default();
                    match asked.get("topic").and_then(Value::as_str) {
                        Some("aws/subscribe") => {
                            is_subscribed = true;
                            let topics = asked.pointer("/content/topics");
                            json!({ "topic": "aws/subscribe", "content": { "status": "success", "topics": topics } })
                        }
                        Some("aws/heartbeat") => json!({ "topic": "aws/heartbeat" }),
                        Some("aws/ping") => json!({ "topic": "aws/ping", "statusCode": 200, "statusContent": "OK" }),
                        _ => json!({ "message": "Forbidden" }),
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
            pushed = pushes.recv() => match pushed {
                Ok(Push::Item(item)) if is_subscribed => {
                    json!({ "topic": "aws/chat", "contentType": "application/json", "content": item.to_string() })
                }
                Ok(Push::Item(_)) => continue,
                Ok(Push::Cut) | Err(_) => return,
            },
        };
        if socket.send(Message::Text(reply.to_string().into())).await.is_err() {
            return;
        }
    }
}
