//! Bot Framework's Direct Line 3.0, as far as a client that polls needs it. The bot repeats what it is sent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// The most conversations that are kept, activities of each, and characters of each message.
const CONVERSATIONS: usize = 1000;
const ACTIVITIES: usize = 400;
const CHARACTERS: usize = 1000;

/// The most tokens of all conversations.
const TOKENS: usize = 10 * CONVERSATIONS;

/// The lifetime of a token that the service returns, in seconds. Here tokens never expire.
const LIFETIME: u32 = 1800;

/// All conversations, shared by the sites.
#[derive(Clone, Default)]
pub struct DirectLine(Arc<Mutex<Service>>);

#[derive(Default)]
struct Service {
    /// The conversation of each.
    tokens: HashMap<Uuid, Uuid>,
    /// `None` until the visitor's page starts it.
    conversations: HashMap<Uuid, Option<Vec<Value>>>,
}

#[derive(Deserialize)]
struct Since {
    watermark: Option<String>,
}

type Answer = Result<(StatusCode, Json<Value>), StatusCode>;

impl DirectLine {
    /// The service's addresses on one site, and `/directline/token`, which is the shop's own: its server has the bot's secret, and
    /// exchanges it for a token for a new conversation.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/directline/token", post(token))
            .route("/v3/directline/conversations", post(start))
            .route("/v3/directline/conversations/{id}", get(reconnect))
            .route("/v3/directline/conversations/{id}/activities", get(read).post(say))
            .route("/v3/directline/tokens/refresh", post(refresh))
            .with_state(self.clone())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Service) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Service {
    /// The conversation of the token that a request bears.
    fn conversation(&self, headers: &HeaderMap) -> Result<Uuid, StatusCode> {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let token = bearer.ok_or(StatusCode::UNAUTHORIZED)?;
        let conversation = Uuid::parse_str(token).ok().and_then(|token| self.tokens.get(&token));
        conversation.copied().ok_or(StatusCode::FORBIDDEN)
    }

    /// The activities of a started conversation, if the token is for it.
    fn activities(&mut self, id: Uuid, headers: &HeaderMap) -> Result<&mut Vec<Value>, StatusCode> {
        if self.conversation(headers)? != id {
            return Err(StatusCode::FORBIDDEN);
        }
        self.conversations.get_mut(&id).and_then(Option::as_mut).ok_or(StatusCode::NOT_FOUND)
    }

    /// One more token for a conversation. The older ones stay valid, as the service's do until they expire.
    fn grant(&mut self, id: Uuid, status: StatusCode) -> Answer {
        if self.tokens.len() >= TOKENS {
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        let token = Uuid::new_v4();
        self.tokens.insert(token, id);
        Ok((status, Json(json!({ "conversationId": id, "token": token, "expires_in": LIFETIME }))))
    }
}

fn append(activities: &mut Vec<Value>, conversation: Uuid, mut activity: Value) -> Value {
    let id = json!(format!("{conversation}|{:07}", activities.len()));
    if let Some(fields) = activity.as_object_mut() {
        fields.insert("id".to_owned(), id.clone());
        fields.insert("conversation".to_owned(), json!({ "id": conversation }));
    }
    activities.push(activity);
    id
}

fn by_bot(text: &str) -> Value {
    json!({ "type": "message", "from": { "id": "echo", "role": "bot" }, "text": text })
}

async fn token(State(line): State<DirectLine>) -> Answer {
    line.with(|service| {
        if service.conversations.len() >= CONVERSATIONS {
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        let id = Uuid::new_v4();
        service.conversations.insert(id, None);
        service.grant(id, StatusCode::OK)
    })
}

async fn start(State(line): State<DirectLine>, headers: HeaderMap) -> Answer {
    line.with(|service| {
        let id = service.conversation(&headers)?;
        let conversation = service.conversations.get_mut(&id).ok_or(StatusCode::NOT_FOUND)?;
        if conversation.is_none() {
            let mut activities = Vec::new();
            append(&mut activities, id, by_bot("Hello, I am Echo. Whatever you say, I say it again."));
            *conversation = Some(activities);
        }
        service.grant(id, StatusCode::CREATED)
    })
}

async fn reconnect(State(line): State<DirectLine>, Path(id): Path<Uuid>, headers: HeaderMap) -> Answer {
    line.with(|service| {
        service.activities(id, &headers)?;
        service.grant(id, StatusCode::OK)
    })
}

async fn refresh(State(line): State<DirectLine>, headers: HeaderMap) -> Answer {
    line.with(|service| {
        let id = service.conversation(&headers)?;
        service.grant(id, StatusCode::OK)
    })
}

async fn read(
    State(line): State<DirectLine>,
    Path(id): Path<Uuid>,
    Query(since): Query<Since>,
    headers: HeaderMap,
) -> Answer {
    line.with(|service| {
        let activities = service.activities(id, &headers)?;
        let seen = since.watermark.and_then(|mark| mark.parse().ok()).unwrap_or(0);
        let newer: Vec<&Value> = activities.iter().skip(seen).collect();
        Ok((StatusCode::OK, Json(json!({ "activities": newer, "watermark": activities.len().to_string() }))))
    })
}

async fn say(
    State(line): State<DirectLine>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(activity): Json<Value>,
) -> Answer {
    line.with(|service| {
        let activities = service.activities(id, &headers)?;
        let text = activity.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        if activities.len() >= ACTIVITIES || text.chars().count() > CHARACTERS {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let given = append(activities, id, activity);
        append(activities, id, by_bot(&format!("You said: {text}")));
        Ok((StatusCode::OK, Json(json!({ "id": given }))))
    })
}
