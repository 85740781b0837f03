-- What mod_sasl2 and mod_sasl2_fast ask of a Prosody later than 0.12: from whom a stream is, what there is to know of its
-- TLS, an attribute of a child, and dates of fractions of a second.
local datetime = require "util.datetime";
local of_whole_seconds = datetime.datetime;
datetime.datetime = function (t) return of_whole_seconds(t and math.floor(t)); end

local stanza = require "util.stanza".stanza_mt;
stanza.get_child_attr = stanza.get_child_attr or function (self, name, xmlns, attr)
	local child = self:get_child(name, xmlns);
	return child and child.attr[attr];
end

-- Each is a method of the socket below.
local of_tls = {
	ssl_info = "info";
	ssl_peerfinished = "getpeerfinished";
	ssl_exportkeyingmaterial = "exportkeyingmaterial";
};

module:hook("stream-features", function (event)
	event.stream = event.stream or { from = "somebody@" .. module.host };
	local methods = getmetatable(event.origin.conn).__index;
	for name, below in pairs(of_tls) do
		methods[name] = methods[name] or function (self, ...)
			local socket = self:socket();
			if socket[below] then
				return socket[below](socket, ...);
			end
		end
	end
end, 1000);

-- mod_saslauth comes after mod_sasl2, with another handler that knows nothing of the channel.
local handlers = setmetatable({}, { __mode = "k" });
module:hook("stream-features", function (event) handlers[event.origin] = event.origin.sasl_handler; end, 0.5);
module:hook_tag("urn:xmpp:sasl:2", "authenticate", function (session, auth)
	if auth:get_child("fast", "urn:xmpp:fast:0") then
		session.sasl_handler = handlers[session] or session.sasl_handler;
	end
end, 101);
