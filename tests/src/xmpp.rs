//! From the side of other XMPP clients and servers.
