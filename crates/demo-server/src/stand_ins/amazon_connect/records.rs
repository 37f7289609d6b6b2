use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::contact::Contact;
use super::refusal::Refusal;

/// The most contacts, and the most requests that scenarios can look up.
const CONTACTS: usize = 1000;

/// The most connections of all contacts.
const CONNECTIONS: usize = 10_000;

/// All that the service knows.
#[derive(Default)]
pub(super) struct Records {
    contacts: HashMap<String, Contact>,
    /// The contact of each participant token. These are valid as long as the contact.
    participants: HashMap<String, String>,
    connections: HashMap<String, Pass>,
    /// Each ticket in a socket's address is valid once.
    tickets: HashMap<String, Pass>,
    pub(super) observed: Observed,
}

/// Opens a contact until it expires.
struct Pass {
    contact: String,
    expires: Instant,
}

/// What scenarios look up and order.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Observed {
    pub(super) starts: usize,
    /// The requests, in their order, with their bodies.
    asked: Vec<(String, Value)>,
    connection_tokens: Vec<String>,
    /// How many of the next connections fail, and with which status.
    #[serde(skip)]
    pub(super) failures: (usize, u16),
}

impl Records {
    /// Records a request for scenarios.
    pub(super) fn note(&mut self, path: &str, body: &Value) {
        if self.observed.asked.len() < CONTACTS {
            self.observed.asked.push((path.to_owned(), body.clone()));
        }
    }

    /// A contact that may have ended.
    pub(super) fn find(&self, id: &str) -> Option<&Contact> {
        self.contacts.get(id)
    }

    pub(super) fn has_room(&self) -> bool {
        self.contacts.len() < CONTACTS
    }

    /// Adds a contact. Returns the participant's token.
    pub(super) fn insert(&mut self, id: String, contact: Contact) -> String {
        let token = random();
        self.contacts.insert(id.clone(), contact);
        self.participants.insert(token.clone(), id);
        token
    }

    /// The contacts that have not ended.
    pub(super) fn open(&mut self) -> impl Iterator<Item = (&String, &mut Contact)> {
        self.contacts.iter_mut().filter(|(_, contact)| !contact.has_ended())
    }

    /// The open contact of a connection.
    pub(super) fn connected(&mut self, connection_token: &str) -> Result<&mut Contact, Refusal> {
        let pass = self.connections.get(connection_token).filter(|pass| pass.is_valid()).ok_or(Refusal::DENIED)?;
        open_contact(&mut self.contacts, &pass.contact)
    }

    /// Connects a participant. Returns the ticket for a socket and the connection's token, which are valid this long.
    pub(super) fn connect(
        &mut self,
        participant_token: &str,
        (ticket_lifetime, token_lifetime): (Duration, Duration),
    ) -> Result<(String, String), Refusal> {
        let id = self.participants.get(participant_token).ok_or(Refusal::DENIED)?;
        open_contact(&mut self.contacts, id)?;
        if self.connections.len() >= CONNECTIONS {
            return Err(Refusal::THROTTLED);
        }
        let (ticket, token) = (random(), random());
        let pass = |lifetime| Pass { contact: id.clone(), expires: Instant::now() + lifetime };
        self.tickets.insert(ticket.clone(), pass(ticket_lifetime));
        self.connections.insert(token.clone(), pass(token_lifetime));
        self.observed.connection_tokens.push(token.clone());
        Ok((ticket, token))
    }

    /// The open contact of a ticket, which is used up.
    pub(super) fn admit(&mut self, ticket: &str) -> Result<&mut Contact, Refusal> {
        let pass = self.tickets.remove(ticket).filter(Pass::is_valid).ok_or(Refusal::DENIED)?;
        open_contact(&mut self.contacts, &pass.contact)
    }
}

impl Pass {
    fn is_valid(&self) -> bool {
        self.expires > Instant::now()
    }
}

fn open_contact<'a>(contacts: &'a mut HashMap<String, Contact>, id: &str) -> Result<&'a mut Contact, Refusal> {
    contacts.get_mut(id).filter(|contact| !contact.has_ended()).ok_or(Refusal::DENIED)
}

/// An id or a token that cannot be guessed.
pub(super) fn random() -> String {
    Uuid::new_v4().to_string()
}
