//! People whom the server knows (XEP-0055): by a data form where there is one, else by the plain fields.

use minidom::Element;
use protocol::{BareJid, DirectoryEntry, Jid};

use super::{Kind, Question};
use crate::xmpp::element::{Build, child_text, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::address;
use crate::xmpp::write::field;
use crate::xmpp::{Answer, RequestError};

/// The most people of an answer.
const MAX_PEOPLE: usize = 100;
/// The longest of somebody's texts in bytes.
const MAX_BYTES: usize = 1024;

/// By what can be searched. Answer: `SearchFields`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchSearchFields {
    /// Whom to ask.
    pub jid: Jid,
}

/// A search. Answer: `Directory`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Whom to ask.
    pub jid: Jid,
    /// They are of a form.
    pub is_form: bool,
    /// What is to be in which field.
    pub fields: Vec<(String, String)>,
}

/// By what can be searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchFields {
    /// They are of a form.
    pub is_form: bool,
    /// Names for texts.
    pub texts: Vec<String>,
    /// Names for yes or no.
    pub flags: Vec<String>,
}

impl SearchFields {
    /// The searches by which somebody is found whose name or address has this in it: each field is a search of its own,
    /// since services take several fields for a description of one person.
    pub fn searches(&self, jid: &Jid, query: &str) -> Vec<Search> {
        let search =
            |fields: Vec<(String, String)>| Search { jid: jid.clone(), is_form: self.is_form, fields };
        let has = |name: &str| self.texts.iter().any(|text| text == name);
        // Openfire's: one text, and what it is to be looked for in.
        if has("search") {
            let flags = self.flags.iter().map(|flag| (flag.clone(), "1".to_owned()));
            return vec![search(
                [("search".to_owned(), query.to_owned())].into_iter().chain(flags).collect(),
            )];
        }
        // The whole name before its parts: ejabberd has fields for all of them.
        let wanted: &[&str] =
            if query.contains('@') { &["email"] } else { &["nick", "fn", "user", "first", "last"] };
        let found = wanted.iter().filter(|name| has(name)).take(3);
        found.map(|name| search(vec![((*name).to_owned(), query.to_owned())])).collect()
    }
}

impl Question for FetchSearchFields {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("query", ns::SEARCH))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::SEARCH).ok_or(RequestError::Malformed)?;
        let mut fields = SearchFields { is_form: false, texts: Vec::new(), flags: Vec::new() };
        if let Some(x) = query.get_child("x", ns::DATA_FORMS) {
            fields.is_form = true;
            for field in x.children().filter(|child| child.is("field", ns::DATA_FORMS)).take(MAX_PEOPLE) {
                let Some(name) = field.attr("var") else { continue };
                match field.attr("type") {
                    Some("boolean") => fields.flags.push(name.to_owned()),
                    None | Some("text-single") => fields.texts.push(name.to_owned()),
                    _ => {}
                }
            }
        } else {
            let plain = query.children().map(Element::name).filter(|name| *name != "instructions");
            fields.texts.extend(plain.take(MAX_PEOPLE).map(str::to_owned));
        }
        Ok(Answer::SearchFields(fields))
    }
}

impl Question for Search {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let mut query = element("query", ns::SEARCH);
        if self.is_form {
            let kind = field("FORM_TYPE", Some("hidden"), ns::SEARCH);
            let mut form = element("x", ns::DATA_FORMS).with("type", "submit").child(kind);
            for (name, value) in &self.fields {
                form.append_child(field(name, None, value));
            }
            query.append_child(form);
        } else {
            for (name, value) in &self.fields {
                query.append_child(element(name, ns::SEARCH).content(value.as_str()));
            }
        }
        (Kind::Set, query)
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::SEARCH).ok_or(RequestError::Malformed)?;
        let people = match query.get_child("x", ns::DATA_FORMS) {
            Some(x) => {
                let items = x.children().filter(|child| child.is("item", ns::DATA_FORMS));
                items.filter_map(|item| entry(&|name| in_form(item, name))).take(MAX_PEOPLE).collect()
            }
            None => {
                let items = query.children().filter(|child| child.is("item", ns::SEARCH));
                let people = items.filter_map(|item| {
                    entry(&|name| match name {
                        "jid" => item.attr("jid").map(str::to_owned),
                        name => child_text(item, name, ns::SEARCH),
                    })
                });
                people.take(MAX_PEOPLE).collect()
            }
        };
        Ok(Answer::Directory(people))
    }
}

fn in_form(item: &Element, name: &str) -> Option<String> {
    let mut fields = item.children().filter(|child| child.is("field", ns::DATA_FORMS));
    let field = fields.find(|field| field.attr("var").is_some_and(|var| var.eq_ignore_ascii_case(name)))?;
    child_text(field, "value", ns::DATA_FORMS)
}

fn entry(text: &dyn Fn(&str) -> Option<String>) -> Option<DirectoryEntry> {
    let short = |name: &str| {
        let text = text(name)?;
        let text = text.trim();
        (1..=MAX_BYTES).contains(&text.len()).then(|| text.to_owned())
    };
    let jid: BareJid = address(&short("jid")?)?.bare();
    let full = || {
        let names: Vec<String> = ["first", "last"].into_iter().filter_map(short).collect();
        (!names.is_empty()).then(|| names.join(" "))
    };
    let name = short("name").or_else(|| short("fn")).or_else(full).or_else(|| short("nick"));
    Some(DirectoryEntry { jid, name, email: short("email") })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    fn jid() -> Jid {
        "characters.shakespeare.lit".parse().unwrap()
    }

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check_searches(fields: &str, query: &str, expected: Expect) {
        let iq = crate::xmpp::read::tests::parse(&format!(
            "<iq><query xmlns='jabber:iq:search'><instructions>Fill in</instructions>{fields}</query></iq>"
        ));
        let Ok(Answer::SearchFields(fields)) = (FetchSearchFields { jid: jid() }).read(&iq) else {
            panic!("no fields")
        };
        let searches = fields.searches(&jid(), query);
        let stanzas: Vec<String> =
            searches.into_iter().map(|search| String::from(&search.payload("q1").1)).collect();
        expected.assert_eq(&stanzas.join("\n"));
    }

    #[test]
    fn services_are_searched_by_what_they_know() {
        check_stanza(
            Request::FetchSearchFields(FetchSearchFields { jid: jid() }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='characters.shakespeare.lit' type='get'><query xmlns='jabber:iq:search'/></iq>"
            ],
        );
        // XEP-0055 section 2.1.
        check_searches(
            "<first/><last/><nick/><email/>",
            "Juli",
            expect![[r#"
            <query xmlns='jabber:iq:search'><nick>Juli</nick></query>
            <query xmlns='jabber:iq:search'><first>Juli</first></query>
            <query xmlns='jabber:iq:search'><last>Juli</last></query>"#]],
        );
        check_searches(
            "<first/><last/><nick/><email/>",
            "juliet@",
            expect!["<query xmlns='jabber:iq:search'><email>juliet@</email></query>"],
        );
        check_searches(
            "<x xmlns='jabber:x:data' type='form'><field var='search' type='text-single'/><field var='Username' type='boolean'/><field var='Name' type='boolean'/></x>",
            "a<b",
            expect![
                "<query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>jabber:iq:search</value></field><field var='search'><value>a&lt;b</value></field><field var='Username'><value>1</value></field><field var='Name'><value>1</value></field></x></query>"
            ],
        );
        check_searches("<gender/>", "male", expect![[""]]);
    }

    #[test]
    fn people_are_read_from_both_forms() {
        let search = Request::Search(Search { jid: jid(), is_form: false, fields: vec![] });
        check_answer(
            &search,
            "<query xmlns='jabber:iq:search'><item jid='juliet@capulet.com'><first>Juliet</first><last>Capulet</last>\
             <nick>JuliC</nick><email>juliet@shakespeare.lit</email></item><item jid='@'/><item/></query>",
            expect![[
                r#"Ok(Directory([DirectoryEntry { jid: BareJid("juliet@capulet.com"), name: Some("Juliet Capulet"), email: Some("juliet@shakespeare.lit") }]))"#
            ]],
        );
        check_answer(
            &search,
            "<query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='result'><reported/><item>\
             <field var='first'><value>Benvolio</value></field><field var='jid'><value>benvolio@montague.net</value></field>\
             </item><item><field var='Email'><value>nobody@x</value></field></item></x></query>",
            expect![[
                r#"Ok(Directory([DirectoryEntry { jid: BareJid("benvolio@montague.net"), name: Some("Benvolio"), email: None }]))"#
            ]],
        );
        check_answer(&search, "<query xmlns='jabber:iq:search'/>", expect!["Ok(Directory([]))"]);
    }
}
