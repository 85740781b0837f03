-- What a large account and a large room do, from inside Prosody, where a few thousand clients would take longer to sign
-- in than anything takes that is measured. What is sent to whom is real; only who sends it is made up.

local now = require "util.time".now;
local st = require "util.stanza";

local host = module.host;
local rooms = "rooms."..host;
local round = 0;

module:depends("http");
module:provides("http", {
	default_path = "/bench_load";
	route = {
		-- Answered when all that was begun before is done: Prosody does one thing at a time.
		["POST /rest/*"] = function () return "done"; end;
		-- So many occupants into a room, without everybody telling everybody of it.
		["POST /occupy/*"] = function (_, path)
			local name, count = path:match("^(%w+)/(%d+)$");
			local room = prosody.hosts[rooms].modules.muc.get_room_from_jid(name.."@"..rooms);
			if not room then return 404; end
			for number = 1, tonumber(count) do
				local account = ("person%05d@%s"):format(number, host);
				local nick = ("%s/Person %d"):format(room.jid, number);
				local occupant = room:new_occupant(account, nick);
				occupant:set_session(account.."/there", st.presence({ from = nick }), true);
				room:save_occupant(occupant);
			end
			return "done";
		end;
		-- So many of them say something new of themselves, and the room tells everybody.
		["POST /stir/*"] = function (_, path)
			local name, count = path:match("^(%w+)/(%d+)$");
			local room = prosody.hosts[rooms].modules.muc.get_room_from_jid(name.."@"..rooms);
			if not room then return 404; end
			round = round + 1;
			for number = 1, tonumber(count) do
				local nick = ("%s/Person %d"):format(room.jid, number);
				local occupant = room:get_occupant_by_nick(nick);
				local account = ("person%05d@%s/there"):format(number, host);
				occupant:set_session(account, st.presence({ from = nick }):text_tag("status", "in round "..round), true);
				room:save_occupant(occupant);
				room:publicise_occupant_status(occupant, st.stanza("x", { xmlns = "http://jabber.org/protocol/muc#user" }));
			end
			return "done";
		end;
		-- So many contacts of an account say something, and right behind them somebody writes, all at one moment. Answered
		-- with when the last of it was handed to the connection, in milliseconds of the wall clock.
		["POST /burst/*"] = function (_, path)
			local name, count, body = path:match("^(%w+)/(%d+)/(%w+)$");
			local user = prosody.hosts[host].sessions[name];
			if not user then return 404; end
			-- One that was left would have it all, too, and a copy of the message from there would be before the presences.
			local first = next(user.sessions);
			if next(user.sessions, first) then return 409; end
			round = round + 1;
			for _, session in pairs(user.sessions) do
				for number = 1, tonumber(count) do
					session.send(st.presence({ from = ("person%05d@%s/there"):format(number, host); to = session.full_jid })
						:text_tag("show", round % 2 == 0 and "away" or "dnd")
						:text_tag("status", "in round "..round));
				end
				module:send(st.message({ from = "romeo@"..host.."/there"; to = session.full_jid; type = "chat"; id = body })
					:text_tag("body", body));
			end
			return ("%.3f"):format(now() * 1000);
		end;
	};
});
