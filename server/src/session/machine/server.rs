//! What the server offers: asked about on each new stream, and kept.

use protocol::{Event, Server, Software, Uploads};

use super::{Answering, Asked, Effect, Machine};
use crate::session::command::{Reply, SessionError};
use crate::session::server::ServerCommand;
use crate::xmpp::{
    Answer as Answered, DiscoverInfo, DiscoverItems, FetchVersion, Item, Request, RequestError, RequestSlot,
    StreamFacts, Survey,
};

/// The most who wait at once for the survey to be complete.
const MAX_WAITING: usize = 64;

/// What is known of the server, and who wants to know.
#[derive(Debug, Default)]
pub(super) struct Surveyed {
    /// What is known; that of the stream before until the new one is complete.
    known: Option<Known>,
    under_way: Option<UnderWay>,
    waiting: Vec<Reply<Result<Server, SessionError>>>,
}

#[derive(Debug)]
struct Known {
    survey: Survey,
    software: Option<Software>,
    complete: bool,
}

#[derive(Debug)]
struct UnderWay {
    known: Known,
    /// Questions that are not answered yet.
    open: usize,
}

/// Which question of a survey it was.
#[derive(Debug)]
pub(super) enum SurveyPart {
    Domain,
    Account,
    Items,
    Software,
    Service(Item),
}

impl Surveyed {
    /// The largest stanza that the server takes, where it says so.
    pub(super) fn max_stanza_bytes(&self) -> Option<u32> {
        let under_way = self.under_way.as_ref().map(|under_way| &under_way.known);
        under_way.or(self.known.as_ref())?.survey.stream().max_stanza_bytes
    }

    /// What is published for the person alone may ask for that itself. Until the account has said so it is not relied on.
    fn holds_to_publish_options(&self) -> bool {
        let under_way = self.under_way.as_ref().map(|under_way| &under_way.known);
        under_way.into_iter().chain(&self.known).any(|known| known.survey.holds_to_publish_options())
    }
}

impl Known {
    fn new(survey: Survey) -> Self {
        Known { survey, software: None, complete: true }
    }

    fn server(&self, domain: protocol::BareJid) -> Server {
        let upload = self.survey.upload();
        Server {
            domain,
            complete: self.complete,
            software: self.software.clone(),
            stream: self.survey.stream(),
            features: self.survey.features(),
            services: self.survey.services(),
            uploads: upload.map(|service| Uploads { max_bytes: service.max_bytes.unwrap_or(u64::MAX) }),
        }
    }
}

impl Machine {
    pub(super) fn server_command(&mut self, command: ServerCommand) {
        match command {
            ServerCommand::Server { reply } => self.tell_server(reply),
            ServerCommand::Ask { request, reply } => self.relay(*request, reply, Some),
            ServerCommand::Send { outgoing, reply } => {
                let result = if self.is_online() { Ok(()) } else { Err(SessionError::Offline) };
                if result.is_ok() {
                    self.effects.push(Effect::Send(*outgoing));
                }
                self.answer(reply, result);
            }
            ServerCommand::UploadSlot { file, reply } => {
                let service = self.server.known.as_ref().and_then(|known| known.survey.upload());
                let Some(service) = service else {
                    return self.answer(reply, Err(SessionError::NoSuchService));
                };
                if let Some(max) = service.max_bytes.filter(|max| file.size > *max) {
                    return self.answer(reply, Err(SessionError::FileTooLarge { max }));
                }
                let media_type = file.media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
                let slot = RequestSlot { service: service.jid, name: file.name, size: file.size, media_type };
                self.relay(Request::RequestSlot(slot), reply, |answer| match answer {
                    Answered::Slot(slot) => Some(slot),
                    _ => None,
                });
            }
        }
    }

    /// Publishes something for the person alone: nobody else may read it, whatever the server makes of conditions.
    pub(super) fn publish_to_self(&mut self, request: Request, asked: Asked) {
        let is_held = self.server.holds_to_publish_options();
        self.ask(if is_held { request } else { request.with_node_set_first() }, asked);
    }

    /// A new stream is up: what holds of it, and what the server offers, may be other than before.
    pub(super) fn survey(&mut self, facts: StreamFacts) {
        let domain = Survey::domain_of(&self.jid);
        let known = Known::new(Survey::new(self.jid.clone(), facts));
        self.server.under_way = Some(UnderWay { known, open: 4 });
        let info =
            |jid: protocol::BareJid| Request::DiscoverInfo(DiscoverInfo { jid: jid.into(), node: None });
        let (of_domain, of_account) = (info(domain.clone()), info(self.jid.clone()));
        self.ask(of_domain, Asked::Survey(SurveyPart::Domain));
        self.ask(of_account, Asked::Survey(SurveyPart::Account));
        let items = DiscoverItems { jid: domain.clone().into(), node: None };
        self.ask(Request::DiscoverItems(items), Asked::Survey(SurveyPart::Items));
        let version = FetchVersion { jid: domain.into() };
        self.ask(Request::FetchVersion(version), Asked::Survey(SurveyPart::Software));
    }

    pub(super) fn surveyed(&mut self, part: SurveyPart, result: Answering) {
        let Some(UnderWay { known, open }) = &mut self.server.under_way else { return };
        *open -= 1;
        let mut to_ask = Vec::new();
        let mut has_nodes = None;
        match (part, result) {
            (SurveyPart::Domain, Ok(Answered::Info(info))) => known.survey.set_domain(*info),
            (SurveyPart::Account, Ok(Answered::Info(info))) => known.survey.set_account(*info),
            (SurveyPart::Service(item), Ok(Answered::Info(info))) => {
                if info.is("pubsub", "service") {
                    has_nodes = Some(item.jid.clone());
                }
                known.survey.add_service(item, *info);
            }
            (SurveyPart::Software, Ok(Answered::Software(software))) => known.software = software,
            (SurveyPart::Items, Ok(Answered::Items(items))) => to_ask = known.survey.services_to_ask(items),
            // Whoever refuses has answered: they offer nothing.
            (_, Err(RequestError::Refused(_))) => {}
            _ => known.complete = false,
        }
        *open += to_ask.len();
        let is_complete = *open == 0;
        for item in to_ask {
            let question = DiscoverInfo { jid: item.jid.clone(), node: None };
            self.ask(Request::DiscoverInfo(question), Asked::Survey(SurveyPart::Service(item)));
        }
        if is_complete {
            self.survey_complete();
        }
        if let Some(service) = has_nodes {
            self.ask_for_subscriptions(service);
        }
    }

    fn survey_complete(&mut self) {
        let Some(UnderWay { known, .. }) = self.server.under_way.take() else { return };
        let domain = Survey::domain_of(&self.jid);
        let server = known.server(domain.clone());
        let before = self.server.known.replace(known).map(|before| before.server(domain));
        if before.is_some_and(|before| before != server) {
            self.publish(Event::ServerChanged);
        }
        for reply in std::mem::take(&mut self.server.waiting) {
            self.answer(reply, Ok(server.clone()));
        }
    }

    /// Nobody answers for now, and nobody knows for how long.
    pub(super) fn give_up_on_server(&mut self) {
        for reply in std::mem::take(&mut self.server.waiting) {
            self.answer(reply, Err(SessionError::Offline));
        }
    }

    fn tell_server(&mut self, reply: Reply<Result<Server, SessionError>>) {
        if self.server.under_way.is_some() && self.is_online() {
            if self.server.waiting.len() >= MAX_WAITING {
                return self.answer(reply, Err(SessionError::Overloaded));
            }
            self.server.waiting.push(reply);
            return;
        }
        let domain = Survey::domain_of(&self.jid);
        let server = self.server.known.as_ref().map(|known| known.server(domain));
        self.answer(reply, server.ok_or(SessionError::Offline));
    }
}
