//! The demo's chat: conversations in memory, and an agent who always has an answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most conversations that are kept, messages of each, and characters of each message.
const CONVERSATIONS: usize = 1000;
const MESSAGES: usize = 200;
const CHARACTERS: usize = 1000;

/// All conversations, shared by the sites.
#[derive(Clone, Default)]
pub struct Chat(Arc<Mutex<HashMap<Uuid, Vec<Message>>>>);

#[derive(Clone, Serialize)]
struct Message {
    from: &'static str,
    text: String,
}

#[derive(Deserialize)]
struct Said {
    text: String,
}

impl Chat {
    /// The chat's address on one site.
    pub fn router(&self) -> Router {
        Router::new().route("/chat", post(start)).route("/chat/{session}", get(read).post(say)).with_state(self.clone())
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Uuid, Vec<Message>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn start(State(chat): State<Chat>) -> Result<Json<Uuid>, StatusCode> {
    chat.with(|conversations| {
        if conversations.len() >= CONVERSATIONS {
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        let session = Uuid::new_v4();
        let text = "Hello, this is Maja. How can I help?".to_owned();
        conversations.insert(session, vec![Message { from: "agent", text }]);
        Ok(Json(session))
    })
}

async fn read(State(chat): State<Chat>, Path(session): Path<Uuid>) -> Result<Json<Vec<Message>>, StatusCode> {
    chat.with(|conversations| conversations.get(&session).cloned().map(Json).ok_or(StatusCode::NOT_FOUND))
}

async fn say(
    State(chat): State<Chat>,
    Path(session): Path<Uuid>,
    Json(said): Json<Said>,
) -> Result<StatusCode, StatusCode> {
    chat.with(|conversations| {
        let messages = conversations.get_mut(&session).ok_or(StatusCode::NOT_FOUND)?;
        if messages.len() >= MESSAGES || said.text.chars().count() > CHARACTERS {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let text = match messages.iter().filter(|message| message.from == "visitor").count() {
            0 => "Let me look that up for you. Do look around meanwhile.",
            1 => "Good news: it is in stock, and ships tomorrow.",
            _ => "Of course. Is there anything else?",
        };
        messages.push(Message { from: "visitor", text: said.text });
        messages.push(Message { from: "agent", text: text.to_owned() });
        Ok(StatusCode::NO_CONTENT)
    })
}
