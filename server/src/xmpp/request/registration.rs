//! The account itself (XEP-0077): another password, or no account any more.

use minidom::Element;
use protocol::{BareJid, Jid};
use secrecy::{ExposeSecret, SecretString};

use super::{Kind, Question};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError};

/// Another password (section 3.3). Answer: `Done`.
#[derive(Debug, Clone)]
pub struct SetPassword {
    /// Whose.
    pub account: BareJid,
    /// Which.
    pub password: SecretString,
}

impl PartialEq for SetPassword {
    fn eq(&self, other: &Self) -> bool {
        self.account == other.account && self.password.expose_secret() == other.password.expose_secret()
    }
}

/// No account any more (section 3.2). Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unregister {
    /// Whose.
    pub account: BareJid,
}

/// The address of an account's server.
fn domain(account: &BareJid) -> Option<Jid> {
    account.domain().parse().ok()
}

impl Question for SetPassword {
    fn to(&self) -> Option<Jid> {
        domain(&self.account)
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let name = element("username", ns::REGISTER).content(self.account.local().unwrap_or_default());
        let password = element("password", ns::REGISTER).content(self.password.expose_secret());
        (Kind::Set, element("query", ns::REGISTER).child(name).child(password))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

impl Question for Unregister {
    fn to(&self) -> Option<Jid> {
        domain(&self.account)
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Set, element("query", ns::REGISTER).child(element("remove", ns::REGISTER)))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::check_stanza;
    use super::*;

    #[test]
    fn passwords_are_set_and_accounts_removed() {
        let account: BareJid = "bill@shakespeare.lit".parse().unwrap();
        let password = SecretString::from("newpass & more");
        let question = Request::SetPassword(SetPassword { account: account.clone(), password });
        assert!(!format!("{question:?}").contains("newpass"));
        check_stanza(
            question,
            expect![
                "<iq xmlns='jabber:client' id='q1' to='shakespeare.lit' type='set'><query xmlns='jabber:iq:register'><username>bill</username><password>newpass &amp; more</password></query></iq>"
            ],
        );
        check_stanza(
            Request::Unregister(Unregister { account }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='shakespeare.lit' type='set'><query xmlns='jabber:iq:register'><remove/></query></iq>"
            ],
        );
    }
}
