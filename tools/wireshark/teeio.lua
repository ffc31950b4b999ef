-- SPDX-License-Identifier: GPL-2.0-or-later
-- SPDX-FileCopyrightText: 2026 The qemu-teeio authors
--
-- Wireshark's view of tlp.pcapng. The names of the fields are promises;
-- docs/specs/capture.rst describes the pseudo-header.

local teeio = Proto("teeio", "PCIe TLP of qemu-teeio")

local f = {
    -- from the pseudo-header
    seq = ProtoField.uint64("teeio.seq", "Event number"),
    synthesised = ProtoField.bool("teeio.synthesised", "Synthesised"),
    verdict = ProtoField.string("teeio.verdict", "Verdict"),
    route = ProtoField.string("teeio.route", "Route"),
    tdi_state = ProtoField.string("teeio.tdi_state", "TDI state"),
    owner = ProtoField.string("teeio.owner", "Page owner"),
    s1 = ProtoField.string("teeio.s1", "Stage 1"),
    s2 = ProtoField.string("teeio.s2", "Stage 2"),
    via = ProtoField.string("teeio.via", "Obtained by"),
    out = ProtoField.uint64("teeio.out", "Translated address", base.HEX),
    fault = ProtoField.string("teeio.fault", "Fault record"),
    origin = ProtoField.string("teeio.origin", "Origin"),
    -- from the TLP
    type = ProtoField.string("teeio.type", "Type"),
    requester = ProtoField.string("teeio.requester", "Requester"),
    address = ProtoField.uint64("teeio.address", "Address", base.HEX),
    length = ProtoField.uint32("teeio.length", "Length in bytes"),
    t = ProtoField.uint8("teeio.t", "T"),
    xt = ProtoField.uint8("teeio.xt", "XT"),
    stream = ProtoField.uint8("teeio.stream", "IDE Stream ID", base.HEX),
    sub_stream = ProtoField.uint8("teeio.sub_stream", "IDE Sub-Stream"),
    key_set = ProtoField.uint8("teeio.key_set", "IDE key set"),
    pasid = ProtoField.uint32("teeio.pasid", "PASID", base.HEX),
    pmr = ProtoField.bool("teeio.pmr", "Privileged Mode Requested"),
    exe = ProtoField.bool("teeio.exe", "Execute Requested"),
    at = ProtoField.string("teeio.at", "Address type"),
    no_write = ProtoField.bool("teeio.no_write", "No Write"),
    tag = ProtoField.uint16("teeio.tag", "Tag", base.HEX),
    tc = ProtoField.uint8("teeio.tc", "Traffic class"),
    poisoned = ProtoField.bool("teeio.ep", "Poisoned"),
    first_be = ProtoField.uint8("teeio.first_be", "First DW BE", base.HEX),
    last_be = ProtoField.uint8("teeio.last_be", "Last DW BE", base.HEX),
    completer = ProtoField.string("teeio.completer", "Completer"),
    status = ProtoField.string("teeio.status", "Completion status"),
    byte_count = ProtoField.uint32("teeio.byte_count", "Byte count"),
    lower_address = ProtoField.uint8("teeio.lower_address", "Lower address",
                                     base.HEX),
    message = ProtoField.string("teeio.message", "Message"),
    payload = ProtoField.bytes("teeio.payload", "Payload"),
}
teeio.fields = f

local malformed = ProtoExpert.new("teeio.malformed", "Not a TLP of this codec",
                                  expert.group.MALFORMED,
                                  expert.severity.ERROR)
teeio.experts = { malformed }

local NO_WIRE = 2

local function bdf(id)
    return string.format("0000:%02x:%02x.%x", bit.rshift(id, 8),
                         bit.band(bit.rshift(id, 3), 31), bit.band(id, 7))
end

-- The pseudo-header: number of a field to how its value is shown.
local function text(field)
    return function(tree, value) tree:add(field, value, value:string()) end
end

local function number(field)
    return function(tree, value) tree:add(field, value) end
end

local pseudo = {
    [1] = { number(f.seq) },
    [2] = { text(f.verdict), "verdict" },
    [3] = { text(f.route) },
    [4] = { text(f.tdi_state) },
    [5] = { text(f.owner) },
    [6] = { text(f.s1) },
    [7] = { text(f.s2) },
    [8] = { text(f.via) },
    [9] = { number(f.out) },
    [10] = { text(f.fault) },
    [11] = { text(f.origin) },
    [12] = { text(f.type), "type" },
    [13] = { text(f.requester), "requester" },
    [14] = { number(f.address) },
    [15] = { number(f.length) },
    [16] = { number(f.t) },
    [17] = { number(f.xt) },
}

-- Returns the length, and what the summary line needs.
local function dissect_pseudo(tvb, tree)
    local length = tvb(2, 2):uint()
    local sub = tree:add(teeio, tvb(0, length), "Verdict and way")
    local flags = tvb(1, 1):uint()
    local seen = {}
    local at = 4

    sub:add(f.synthesised, tvb(1, 1), bit.band(flags, 1) ~= 0)
    while at + 2 <= length do
        local row = pseudo[tvb(at, 1):uint()]
        local size = tvb(at + 1, 1):uint()

        if size > 0 and row then
            local value = tvb(at + 2, size)

            row[1](sub, value)
            if row[2] then
                seen[row[2]] = value:string()
            end
        end
        at = at + 2 + size
    end
    return length, bit.band(flags, NO_WIRE) ~= 0, seen
end

local function dissect_ide(range, tree)
    local value = range:uint()
    local sub = tree:add(teeio, range, "IDE TLP prefix")

    sub:add(f.t, range(3, 1), bit.band(value, 1))
    sub:add(f.key_set, range(3, 1), bit.band(bit.rshift(value, 1), 1))
    sub:add(f.sub_stream, range(3, 1), bit.band(bit.rshift(value, 4), 7))
    sub:add(f.xt, range(3, 1), bit.band(bit.rshift(value, 7), 1))
    sub:add(f.stream, range(2, 1))
    return bit.band(value, 1)
end

local function dissect_pasid(range, tree)
    local value = range:uint()
    local sub = tree:add(teeio, range, "PASID TLP prefix")

    sub:add(f.pasid, range, bit.band(value, 0xfffff))
    sub:add(f.pmr, range(1, 1), bit.band(bit.rshift(value, 23), 1) ~= 0)
    sub:add(f.exe, range(1, 1), bit.band(bit.rshift(value, 22), 1) ~= 0)
end

local ATS = { [0] = "untranslated", "request", "translated", "reserved" }
local STATUS = { [0] = "SC", [1] = "UR", [2] = "RRS", [4] = "CA" }
local MESSAGES = {
    [0x01] = "Invalidate Request", [0x02] = "Invalidate Completion",
    [0x04] = "Page Request", [0x05] = "PRG Response",
    [0x30] = "ERR_COR", [0x31] = "ERR_NONFATAL", [0x33] = "ERR_FATAL",
    [0x7e] = "Vendor_Defined Type 0", [0x7f] = "Vendor_Defined Type 1",
}

-- Fmt and Type, the routing of messages cleared, to name and kind.
local TYPES = {
    [0x00] = { "MRd", "memory" }, [0x20] = { "MRd", "memory" },
    [0x40] = { "MWr", "memory" }, [0x60] = { "MWr", "memory" },
    [0x4c] = { "FetchAdd", "atomic", 1 }, [0x6c] = { "FetchAdd", "atomic", 1 },
    [0x4d] = { "Swap", "atomic", 1 }, [0x6d] = { "Swap", "atomic", 1 },
    [0x4e] = { "CAS", "atomic", 2 }, [0x6e] = { "CAS", "atomic", 2 },
    [0x0a] = { "Cpl", "completion" }, [0x4a] = { "CplD", "completion" },
    [0x30] = { "Msg", "message" }, [0x70] = { "MsgD", "message" },
}

-- Bytes that are not enabled below the lowest and above the highest that is.
local LEAD = { [0] = 0, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0 }
local TAIL = { [0] = 0, 3, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0 }

local function dissect_request(tvb, tree, row, h)
    local wide = bit.band(h.fmt, 1) ~= 0
    local range = wide and tvb(8, 8) or tvb(8, 4)
    local address = range:uint64()
    local first, last = bit.band(h.second, 15),
                        bit.band(bit.rshift(h.second, 4), 15)
    local flags = address:lower() % 4
    local lead, length = 0, h.dwords * 4

    address = address - UInt64(flags)
    tree:add(f.first_be, tvb(7, 1), first)
    tree:add(f.last_be, tvb(7, 1), last)
    if row[2] == "atomic" then
        length = length / row[3]
    elseif h.at == 1 then
        tree:add(f.no_write, range, flags % 2 == 1)
    elseif first == 0 and h.dwords == 1 then
        length = 0
    else
        lead = LEAD[first]
        length = length - lead - TAIL[h.dwords == 1 and first or last]
    end
    tree:add(f.requester, tvb(4, 2), bdf(tvb(4, 2):uint()))
    tree:add(f.address, range, address + UInt64(lead))
    tree:add(f.length, tvb(2, 2), length)
    return bdf(tvb(4, 2):uint()), 8 + range:len()
end

local function dissect_completion(tvb, tree, h)
    local status = bit.rshift(bit.band(h.second, 0xe000), 13)
    local count = bit.band(h.second, 0xfff)

    count = count == 0 and 4096 or count
    tree:add(f.completer, tvb(4, 2), bdf(tvb(4, 2):uint()))
    tree:add(f.status, tvb(6, 1), STATUS[status] or "reserved")
    tree:add(f.byte_count, tvb(6, 2), count)
    tree:add(f.requester, tvb(8, 2), bdf(tvb(8, 2):uint()))
    tree:add(f.lower_address, tvb(11, 1), bit.band(tvb(11, 1):uint(), 0x7f))
    return bdf(tvb(8, 2):uint()), 12
end

local function dissect_message(tvb, tree)
    local code = tvb(7, 1):uint()

    tree:add(f.requester, tvb(4, 2), bdf(tvb(4, 2):uint()))
    tree:add(f.message, tvb(7, 1),
             MESSAGES[code] or string.format("0x%02x", code))
    return bdf(tvb(4, 2):uint()), 16
end

local function dissect_header(tvb, tree, row)
    local dword = tvb(0, 4):uint()
    local h = {
        fmt = bit.rshift(dword, 29), second = tvb(4, 4):uint(),
        at = bit.band(bit.rshift(dword, 10), 3),
        dwords = bit.band(dword, 0x3ff),
    }
    local low = row[2] == "completion" and 10 or 6
    local tag = bit.bor(tvb(low, 1):uint(),
                        bit.band(bit.rshift(dword, 19), 1) * 0x100,
                        bit.band(bit.rshift(dword, 23), 1) * 0x200)
    local requester, length

    h.dwords = h.dwords == 0 and 1024 or h.dwords
    tree:add(f.type, tvb(0, 1), row[1])
    tree:add(f.tc, tvb(1, 1), bit.band(bit.rshift(dword, 20), 7))
    tree:add(f.poisoned, tvb(2, 1), bit.band(dword, 0x4000) ~= 0)
    tree:add(f.tag, tvb(low, 1), tag)
    if row[2] == "completion" then
        requester, length = dissect_completion(tvb, tree, h)
    elseif row[2] == "message" then
        requester, length = dissect_message(tvb, tree)
    else
        tree:add(f.at, tvb(2, 1), ATS[h.at])
        requester, length = dissect_request(tvb, tree, row, h)
    end
    if tvb:len() > length then
        tree:add(f.payload, tvb(length))
    end
    return requester
end

-- Prefixes, then the header. Returns type, requester and T.
local function dissect_tlp(tvb, tree)
    local at, t = 0, nil

    while at + 4 <= tvb:len() do
        local byte = tvb(at, 1):uint()
        local row = TYPES[byte] or TYPES[bit.band(byte, 0xf8)]

        if byte == 0x92 then
            t = dissect_ide(tvb(at, 4), tree)
        elseif byte == 0x91 then
            dissect_pasid(tvb(at, 4), tree)
        elseif row and at + 12 <= tvb:len() then
            if not t then
                tree:add(f.t, tvb(at, 1), 0)
                tree:add(f.xt, tvb(at, 1), 0)
            end
            return row[1], dissect_header(tvb(at):tvb(), tree, row), t or 0
        else
            break
        end
        at = at + 4
    end
    tree:add_proto_expert_info(malformed)
    return "?", "?", 0
end

function teeio.dissector(tvb, pinfo, root)
    local tree = root:add(teeio, tvb(), "PCIe TLP")
    local length, no_wire, seen = dissect_pseudo(tvb, tree)
    local kind, requester, t = seen.type or "?", seen.requester or "?", nil

    pinfo.cols.protocol = "TLP"
    if not no_wire then
        kind, requester, t = dissect_tlp(tvb(length):tvb(), tree)
    end
    if kind == "Cpl" or kind == "CplD" then
        pinfo.cols.dst = requester
    else
        pinfo.cols.src = requester
    end
    pinfo.cols.info = string.format("%s%s %s", kind,
                                    t and " T=" .. t or "",
                                    seen.verdict or "")
    return tvb:len()
end
