//! The shapes of the contract, by the names that its JSON has.

use serde_json::{Map, Value, json};

use super::reference;

/// All of them.
pub(super) fn all() -> Value {
    let mut all = Map::new();
    let mut add = |name: &str, required: &[&str], properties: Value| {
        let mut definition = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            definition["required"] = json!(required);
        }
        // Each of the person's properties stands there under a name of its own.
        if name == "Config" {
            definition["additionalProperties"] = text();
        }
        all.insert(name.to_owned(), definition);
    };
    people(&mut add);
    rooms(&mut add);
    archive(&mut add);
    services(&mut add);
    all.into()
}

type Add<'a> = dyn FnMut(&str, &[&str], Value) + 'a;

fn people(add: &mut Add<'_>) {
    add("Token", &["token"], json!({ "token": text() }));
    add("CodeToken", &["token"], json!({ "token": text(), "recoveryCodes": list(&text()) }));
    passkeys(add);
    add(
        "NewCodes",
        &["url", "uri"],
        json!({ "url": said("A picture for the app to look at."), "uri": said("The same as a link.") }),
    );
    add("KeyAndValue", &["key", "value"], json!({ "key": text(), "value": text() }));
    add("NameAndValue", &["name", "value"], json!({ "name": text(), "value": text() }));
    add(
        "User",
        &[],
        json!({
            "username": said("The local part, or the whole address of somebody of another domain."),
            "name": text(),
            "email": text(),
            "password": said("Only to be set: it is told to nobody."),
            "properties": list(&reference("KeyAndValue")),
        }),
    );
    add("Users", &["users"], json!({ "users": list(&reference("User")) }));
    add("Groups", &["groupnames"], json!({ "groupnames": list(&text()) }));
    add("GlobalConfig", &["version", "about"], json!({ "version": text(), "about": text() }));
    add(
        "GroupOfContacts",
        &["group", "members"],
        json!({ "group": text(), "members": list(&reference("User")) }),
    );
    add(
        "Config",
        &["domain", "username", "groups"],
        json!({
            "domain": text(),
            "username": text(),
            "name": text(),
            "email": text(),
            "groups": list(&reference("GroupOfContacts")),
        }),
    );
    let item = |more: Value| {
        let mut item = json!({
            "nickname": text(),
            "subscriptionType": {
                "type": "integer",
                "format": "int32",
                "minimum": -1,
                "maximum": 3,
                "description": "0 for none, 1 for to, 2 for from, 3 for both; -1, where it is set, removes the contact.",
            },
            "groups": list(&text()),
        });
        if let (Some(item), Value::Object(more)) = (item.as_object_mut(), more) {
            item.extend(more);
        }
        item
    };
    let jid = || json!({ "jid": text() });
    add("NewRosterItem", &["jid"], item(jid()));
    add("RosterItem", &[], item(json!({ "jid": text(), "show": show(), "status": text() })));
    add("Roster", &["rosterItem"], json!({ "rosterItem": list(&reference("RosterItem")) }));
    add(
        "Presence",
        &["username", "show", "status"],
        json!({ "username": text(), "show": show(), "status": text() }),
    );
    add(
        "Problem",
        &["type", "title", "status", "detail", "code"],
        json!({
            "type": text(),
            "title": text(),
            "status": number("int32"),
            "detail": said("What went wrong this time, and what to do about it."),
            "code": said("The stable word for it."),
            "retry_after_secs": number("int32"),
            "request_id": text(),
        }),
    );
}

/// What browsers are asked for, in the dictionaries of WebAuthn Level 3, section 5.1.8.
fn passkeys(add: &mut Add<'_>) {
    let object = |properties: Value| json!({ "type": "object", "properties": properties });
    let yes = || json!({ "type": "boolean" });
    let parameters = object(json!({ "type": text(), "alg": number("int32") }));
    let key = object(json!({ "type": text(), "id": said("In base64url."), "transports": list(&text()) }));
    let options = object(json!({
        "rp": object(json!({ "id": text(), "name": text() })),
        "user": object(json!({ "id": said("In base64url."), "name": text(), "displayName": text() })),
        "challenge": said("In base64url."),
        "pubKeyCredParams": list(&parameters),
        "timeout": number("int32"),
        "excludeCredentials": list(&key),
        "authenticatorSelection": object(json!({
            "residentKey": text(),
            "requireResidentKey": yes(),
            "userVerification": text(),
        })),
        "attestation": text(),
        "extensions": object(json!({
            "credProps": yes(),
        })),
    }));
    add("NewPasskey", &["credentials"], json!({ "credentials": object(json!({ "publicKey": options })) }));
    let options = object(json!({
        "challenge": said("In base64url."),
        "timeout": number("int32"),
        "rpId": text(),
        "allowCredentials": list(&key),
        "userVerification": text(),
    }));
    let question = object(json!({ "publicKey": options }));
    add("TokenOrQuestion", &[], json!({ "token": text(), "assertion": question }));
}

fn rooms(add: &mut Add<'_>) {
    let flag = || json!({ "type": "boolean" });
    add(
        "Room",
        &["roomName", "naturalName"],
        json!({
            "roomName": text(),
            "naturalName": text(),
            "description": text(),
            "subject": text(),
            "persistent": flag(),
            "publicRoom": flag(),
            "membersOnly": flag(),
            "moderated": flag(),
            "canAnyoneDiscoverJID": flag(),
            "logEnabled": flag(),
            "owners": list(&text()),
            "admins": list(&text()),
            "members": list(&text()),
            "outcasts": list(&text()),
        }),
    );
    add("Rooms", &["chatRooms"], json!({ "chatRooms": list(&reference("Room")) }));
    let role = || json!({ "type": "string", "enum": ["none", "visitor", "participant", "moderator"] });
    let affiliation = || json!({ "type": "string", "enum": ["outcast", "none", "member", "admin", "owner"] });
    add(
        "Participant",
        &["jid", "role", "affiliation"],
        json!({ "jid": said("The room's address with the nickname."), "role": role(), "affiliation": affiliation() }),
    );
    add("Participants", &["participants"], json!({ "participants": list(&reference("Participant")) }));
    add(
        "Occupant",
        &["jid", "role", "affiliation"],
        json!({
            "jid": said("The room's address with the nickname."),
            "userAddress": said("Their own, where the room shows it."),
            "role": role(),
            "affiliation": affiliation(),
        }),
    );
    add("Occupants", &["occupants"], json!({ "occupants": list(&reference("Occupant")) }));
    add(
        "HistoryMessage",
        &["from", "to", "type", "body"],
        json!({
            "to": text(),
            "from": text(),
            "type": { "type": "string", "enum": ["groupchat"] },
            "body": text(),
            "delay_stamp": { "type": "string", "format": "date-time" },
            "delay_from": text(),
        }),
    );
    add("History", &["message"], json!({ "message": list(&reference("HistoryMessage")) }));
}

fn archive(add: &mut Add<'_>) {
    add("Jid", &["domain"], json!({ "node": text(), "domain": text(), "resource": text() }));
    let instant =
        || json!({ "type": "integer", "format": "int64", "description": "Milliseconds since 1970." });
    add(
        "Message",
        &["conversationID", "from", "to", "sentDate", "body"],
        json!({
            "conversationID": number("int64"),
            "from": text(),
            "to": text(),
            "fromJID": reference("Jid"),
            "toJID": reference("Jid"),
            "sentDate": instant(),
            "body": text(),
            "roomEvent": { "type": "boolean" },
        }),
    );
    add(
        "Conversation",
        &["conversationID", "message"],
        json!({
            "conversationID": number("int64"),
            "external": { "type": "boolean" },
            "startDate": instant(),
            "lastActivity": instant(),
            "messageCount": number("int32"),
            "chatRoom": text(),
            "room": reference("Jid"),
            "participantList": list(&text()),
            "participants": list(&reference("Jid")),
            "conversationParticipants": list(&text()),
            "message": list(&reference("Message")),
        }),
    );
    add("Conversations", &["conversation"], json!({ "conversation": list(&reference("Conversation")) }));
}

fn services(add: &mut Add<'_>) {
    add("Node", &["id"], json!({ "id": text(), "name": text() }));
    add("Nodes", &["nodes"], json!({ "nodes": list(&reference("Node")) }));
    add("Meeting", &["url"], json!({ "url": text() }));
    add(
        "Preview",
        &[],
        json!({ "title": text(), "descriptionShort": text(), "image": said("An address that holds the picture.") }),
    );
    add(
        "PushKey",
        &["publicKey"],
        json!({ "publicKey": said("A point of P-256, in base64url with padding.") }),
    );
    add("Notification", &[], json!({ "subject": text(), "body": text() }));
    add(
        "NotificationAction",
        &["action"],
        json!({ "action": said("`webpush.message`."), "value": said("The answer."), "data": text() }),
    );
    add(
        "Slot",
        &["get", "put", "headers"],
        json!({
            "get": said("Where the file is then."),
            "put": said("Where to put it."),
            "headers": list(&reference("NameAndValue")),
        }),
    );
    add(
        "Bookmark",
        &[],
        json!({
            "bookmarkID": number("int64"),
            "type": { "type": "string", "enum": ["group_chat", "url"] },
            "name": text(),
            "value": said("The address of the room or page."),
            "globalBookmark": { "type": "boolean" },
            "users": list(&text()),
            "groups": list(&text()),
            "property": list(&reference("KeyAndValue")),
        }),
    );
    add("Bookmarks", &["bookmark"], json!({ "bookmark": list(&reference("Bookmark")) }));
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn said(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn number(format: &str) -> Value {
    json!({ "type": "integer", "format": format })
}

fn show() -> Value {
    json!({ "type": "string", "enum": ["available", "chat", "away", "xa", "dnd", "unknown"] })
}

fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}
