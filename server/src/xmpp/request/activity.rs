//! When somebody was last there (XEP-0012).

use minidom::Element;
use protocol::{BareJid, Jid, LastActivity};

use super::{Kind, Question};
use crate::xmpp::last_activity::Query;
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::shorten;
use crate::xmpp::{Answer, RequestError};

/// When somebody was last there. Answer: `LastActivity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchLastActivity {
    /// Who.
    pub jid: BareJid,
}

impl Question for FetchLastActivity {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, Query::default().into())
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::LAST_ACTIVITY).ok_or(RequestError::Malformed)?;
        let query: Query = xso::transform(query).map_err(|_| RequestError::Malformed)?;
        let seconds = query.seconds.ok_or(RequestError::Malformed)?;
        let status = Some(shorten(query.status.trim())).filter(|status| !status.is_empty());
        Ok(Answer::LastActivity(LastActivity {
            ago_secs: u32::try_from(seconds).unwrap_or(u32::MAX),
            status,
        }))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    #[test]
    fn the_account_is_asked() {
        let request =
            Request::FetchLastActivity(FetchLastActivity { jid: "romeo@spark.test".parse().unwrap() });
        check_stanza(
            request.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='romeo@spark.test' type='get'><query xmlns='jabber:iq:last'></query></iq>"
            ],
        );
        check_answer(
            &request,
            "<query xmlns='jabber:iq:last' seconds='903'> Heading Home </query>",
            expect![[r#"Ok(LastActivity(LastActivity { ago_secs: 903, status: Some("Heading Home") }))"#]],
        );
        check_answer(
            &request,
            "<query xmlns='jabber:iq:last' seconds='99999999999'/>",
            expect!["Ok(LastActivity(LastActivity { ago_secs: 4294967295, status: None }))"],
        );
        check_answer(&request, "<query xmlns='jabber:iq:last'/>", expect!["Err(Malformed)"]);
        check_answer(&request, "", expect!["Err(Malformed)"]);
    }
}
