/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* TLPs as bytes: vectors written down by hand, rules, and the way back. */
#include <glib.h>
#include <string.h>

#include "teeio/tlp-wire.h"

/* Hexadecimal digits, blanks between them; returns the number of bytes. */
static size_t bytes_of(const char *text, uint8_t *bytes)
{
    size_t n = 0;

    for (; *text; text++) {
        if (*text != ' ') {
            bytes[n / 2] =
                (n % 2 ? bytes[n / 2] << 4 : 0) | g_ascii_xdigit_value(*text);
            n++;
        }
    }
    g_assert_cmpuint(n % 2, ==, 0);
    return n / 2;
}

static enum teeio_wire_error decode(const char *text,
                                    struct teeio_tlp_wire *wire)
{
    uint8_t bytes[256];
    size_t size = bytes_of(text, bytes);
    /* On the heap and exact, so that a read beyond the end is seen. */
    g_autofree uint8_t *exact = g_memdup2(bytes, size);
    enum teeio_wire_error error = teeio_wire_decode(wire, exact, size);
    uint8_t again[TEEIO_WIRE_MAX];
    size_t len;

    if (error == TEEIO_WIRE_OK) {
        g_assert_cmpint(teeio_wire_encode(wire, again, &len), ==,
                        TEEIO_WIRE_OK);
        g_assert_cmpmem(again, len, exact, size);
    }
    wire->data = NULL;
    return error;
}

static void expect_bytes(const struct teeio_tlp_wire *wire, const char *text)
{
    uint8_t expected[256], bytes[TEEIO_WIRE_MAX];
    size_t size = bytes_of(text, expected);
    struct teeio_tlp_wire back;
    size_t len;

    g_assert_cmpint(teeio_wire_encode(wire, bytes, &len), ==, TEEIO_WIRE_OK);
    g_assert_cmpmem(bytes, len, expected, size);
    g_assert_cmpint(decode(text, &back), ==, TEEIO_WIRE_OK);
    g_assert_cmpint(back.type, ==, wire->type);
}

static void expect_head(const struct teeio_tlp_wire *wire, const char *text)
{
    uint8_t expected[256], bytes[TEEIO_WIRE_MAX_HEAD];
    size_t size = bytes_of(text, expected);
    size_t len;

    g_assert_cmpint(teeio_wire_encode_head(wire, bytes, &len), ==,
                    TEEIO_WIRE_OK);
    g_assert_cmpmem(bytes, len, expected, size);
}

static void expect_same(const struct teeio_tlp *a, const struct teeio_tlp *b)
{
    g_assert_cmpint(a->kind, ==, b->kind);
    g_assert_cmpint(a->at, ==, b->at);
    g_assert_cmpint(a->origin, ==, b->origin);
    g_assert_cmphex(a->address, ==, b->address);
    g_assert_cmpuint(a->length, ==, b->length);
    g_assert_cmphex(a->requester, ==, b->requester);
    g_assert_cmphex(a->pasid, ==, b->pasid);
    g_assert_cmpint(a->pasid_valid, ==, b->pasid_valid);
    g_assert_cmpint(a->t, ==, b->t);
    g_assert_cmpint(a->xt, ==, b->xt);
    g_assert_cmpint(a->privileged, ==, b->privileged);
    g_assert_cmpint(a->execute, ==, b->execute);
    g_assert_cmpint(a->ide, ==, b->ide);
    g_assert_cmpuint(a->stream, ==, b->stream);
}

static void test_requests(void)
{
    static const struct {
        struct teeio_tlp tlp;
        uint16_t tag;
        const char *head;
    } cases[] = {
        {{.kind = TEEIO_TLP_MRD,
          .address = 0x12345678,
          .length = 64,
          .requester = 0x0018},
         0x5a,
         "00000010 00185aff 12345678"},
        {{.kind = TEEIO_TLP_MWR,
          .address = 0x123456789abcdef0,
          .length = 4,
          .requester = 0x1234},
         0x3a5,
         "60880001 1234a50f 12345678 9abcdef0"},
        /* one byte, three across, 4096 */
        {{.kind = TEEIO_TLP_MRD, .address = 0x1002, .length = 1},
         0,
         "00000001 00000004 00001000"},
        {{.kind = TEEIO_TLP_MWR, .address = 0x1003, .length = 3},
         0,
         "40000002 00000038 00001000"},
        {{.kind = TEEIO_TLP_MRD, .address = 0x2000, .length = 4096},
         0,
         "00000000 000000ff 00002000"},
        {{.kind = TEEIO_TLP_MRD, .address = 0x2001, .length = 4095},
         0,
         "00000000 000000fe 00002000"},
        /* T in an IDE prefix, then a PASID prefix */
        {{.kind = TEEIO_TLP_MWR,
          .address = 0x2000,
          .length = 8,
          .requester = 0x0010,
          .ide = true,
          .stream = 0xc3,
          .t = true,
          .pasid = 0xabcde,
          .pasid_valid = true,
          .privileged = true},
         1,
         "9200c301 918abcde 40000002 001001ff 00002000"},
        {{.kind = TEEIO_TLP_MRD,
          .address = 0x2000,
          .length = 8,
          .ide = true,
          .stream = 1,
          .xt = true,
          .pasid_valid = true,
          .execute = true},
         1,
         "92000190 91400000 00000002 000001ff 00002000"},
        /* translated; a translation request for reading, and for writing */
        {{.kind = TEEIO_TLP_MWR,
          .at = TEEIO_AT_TRANSLATED,
          .address = 0x2000,
          .length = 4},
         0,
         "40000801 0000000f 00002000"},
        {{.kind = TEEIO_TLP_MRD,
          .at = TEEIO_AT_TRANSLATION_REQUEST,
          .address = 0x100002000,
          .length = 4096},
         0,
         "20000402 000000ff 00000001 00002001"},
        {{.kind = TEEIO_TLP_MWR,
          .at = TEEIO_AT_TRANSLATION_REQUEST,
          .address = 0x2000,
          .length = 4096},
         0,
         "00000402 000000ff 00002000"},
        {{.kind = TEEIO_TLP_FETCHADD, .address = 0x2004, .length = 4},
         7,
         "4c000001 00000700 00002004"},
        {{.kind = TEEIO_TLP_SWAP, .address = 0x100002008, .length = 8},
         7,
         "6d000002 00000700 00000001 00002008"},
        {{.kind = TEEIO_TLP_CAS,
          .address = 0x2008,
          .length = 8,
          .ide = true,
          .t = true},
         7,
         "92000011 4e000004 00000700 00002008"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        static const uint8_t payload[4096];
        uint8_t bytes[TEEIO_WIRE_MAX];
        struct teeio_tlp_wire wire, back;
        struct teeio_tlp tlp;
        size_t len;

        g_test_message("case %u", i);
        teeio_wire_request(&wire, &cases[i].tlp, cases[i].tag);
        expect_head(&wire, cases[i].head);
        wire.data = payload;
        g_assert_cmpint(teeio_wire_encode(&wire, bytes, &len), ==, 0);
        g_assert_cmpint(teeio_wire_decode(&back, bytes, len), ==, 0);
        g_assert_cmphex(back.tag, ==, cases[i].tag);
        g_assert_true(teeio_wire_to_tlp(&back, &tlp));
        expect_same(&tlp, &cases[i].tlp);
    }
}

static void test_t_needs_a_prefix(void)
{
    struct teeio_tlp tlp = {.length = 4, .t = true, .stream = 9};
    struct teeio_tlp_wire wire;

    teeio_wire_request(&wire, &tlp, 0);
    expect_head(&wire, "92000011 00000001 0000000f 00000000");
    tlp.t = false;
    teeio_wire_request(&wire, &tlp, 0);
    expect_head(&wire, "00000001 0000000f 00000000");
}

static void test_attributes(void)
{
    static const uint8_t data[] = {1, 2, 3, 4};
    struct teeio_tlp tlp = {.kind = TEEIO_TLP_MWR, .length = 4};
    struct teeio_tlp_wire wire, back;

    teeio_wire_request(&wire, &tlp, 0);
    wire.data = data;
    wire.tc = 5;
    wire.ro = true;
    expect_bytes(&wire, "40502001 0000000f 00000000 01020304");
    wire.ro = false;
    wire.ns = true;
    wire.ep = true;
    expect_bytes(&wire, "40505001 0000000f 00000000 01020304");
    wire.ns = wire.ep = false;
    wire.ido = true;
    wire.td = true;
    wire.ecrc = 0xdeadbeef;
    expect_bytes(&wire, "40548001 0000000f 00000000 01020304 deadbeef");
    g_assert_cmpint(
        decode("40548001 0000000f 00000000 01020304 deadbeef", &back), ==, 0);
    g_assert_cmpuint(back.tc, ==, 5);
    g_assert_true(back.ido && !back.ro && !back.ns && back.td);
    g_assert_cmphex(back.ecrc, ==, 0xdeadbeef);

    g_assert_cmpint(
        decode("925ac303 40000001 0000000f 00000000 01020304", &back), ==, 0);
    g_assert_true(back.ide.present && back.ide.k && back.ide.t);
    g_assert_cmphex(back.ide.pr_sent, ==, 0x5a);
    g_assert_cmphex(back.ide.stream, ==, 0xc3);
}

static void test_completions(void)
{
    static const uint8_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct teeio_tlp tlp = {.kind = TEEIO_TLP_MRD,
                            .address = 0x10fd,
                            .length = 5,
                            .requester = 0x1234,
                            .ide = true,
                            .stream = 2,
                            .t = true};
    struct teeio_tlp_wire request, wire;

    teeio_wire_request(&request, &tlp, 0x2b1);
    teeio_wire_complete(&wire, &request, 0x00f8, TEEIO_CPL_SC);
    wire.data = data;
    expect_bytes(&wire,
                 "92000221 4a800002 00f80005 1234b17d 01020304 05060708");
    teeio_wire_complete(&wire, &request, 0, TEEIO_CPL_UR);
    expect_bytes(&wire, "92000221 0a800000 00002005 1234b100");
    teeio_wire_complete(&wire, &request, 0, TEEIO_CPL_CA);
    expect_bytes(&wire, "92000221 0a800000 00008005 1234b100");

    tlp = (struct teeio_tlp){.length = 4096};
    teeio_wire_request(&request, &tlp, 0);
    teeio_wire_complete(&wire, &request, 0, TEEIO_CPL_SC);
    expect_head(&wire, "4a000000 00000000 00000000");

    /* PCIe 10.2.3, 2.2.9.1: a translation, an AtomicOp */
    tlp.at = TEEIO_AT_TRANSLATION_REQUEST;
    teeio_wire_request(&request, &tlp, 0);
    teeio_wire_complete(&wire, &request, 0, TEEIO_CPL_SC);
    expect_head(&wire, "4a000002 00000008 00000000");
    tlp =
        (struct teeio_tlp){.kind = TEEIO_TLP_CAS, .address = 0x44, .length = 4};
    teeio_wire_request(&request, &tlp, 0);
    teeio_wire_complete(&wire, &request, 0, TEEIO_CPL_SC);
    expect_head(&wire, "4a000001 00000004 00000000");

    /* a read of no byte */
    request = (struct teeio_tlp_wire){.type = TEEIO_WIRE_MRD, .dwords = 1};
    teeio_wire_complete(&wire, &request, 0, TEEIO_CPL_SC);
    expect_head(&wire, "4a000001 00000001 00000000");
    g_assert_false(teeio_wire_to_tlp(&request, &tlp));
    g_assert_false(teeio_wire_to_tlp(&wire, &tlp));
}

static void test_messages(void)
{
    static const uint8_t range[8] = {0, 0, 0, 1, 0x23, 0x45, 0x60, 0};
    struct teeio_tlp_wire wire;

    teeio_wire_page_request(&wire, 0x0010, 0x123456789000, 0x1ff,
                            TEEIO_PAGE_LAST | TEEIO_PAGE_READ);
    expect_bytes(&wire, "30000000 00100004 00001234 56789ffd");
    wire.ide = (struct teeio_wire_ide){.present = true, .t = true};
    expect_bytes(&wire, "92000001 30000000 00100004 00001234 56789ffd");
    teeio_wire_prg_response(&wire, 0, 0x0010, 0x155, 0xf);
    expect_bytes(&wire, "32000000 00000005 0010f155 00000000");
    teeio_wire_invalidate_request(&wire, 0, 0x0010, 0x1f, range);
    expect_bytes(&wire,
                 "72000002 00001f01 00100000 00000000 00000001 23456000");
    teeio_wire_invalidate_completion(&wire, 0x0010, 0, 8, 0x80000001);
    expect_bytes(&wire, "32000000 00100002 00000000 80000001");
    teeio_wire_invalidate_completion(&wire, 0x0010, 0, 2, 1);
    expect_bytes(&wire, "32000000 00100002 00000002 00000001");
    teeio_wire_error_message(&wire, 0x0010, TEEIO_MSG_ERR_NONFATAL);
    expect_bytes(&wire, "30000000 00100031 00000000 00000000");
    teeio_wire_vendor_defined(&wire, 0x0010, 0x0020, TEEIO_MSG_VENDOR_DEFINED_1,
                              0x1ab4, 0xcafe, NULL, 0);
    expect_bytes(&wire, "32000000 0010007f 00201ab4 0000cafe");
    teeio_wire_vendor_defined(&wire, 0x0010, 0x0020, TEEIO_MSG_VENDOR_DEFINED_0,
                              0x1ab4, 0, range, 1);
    expect_bytes(&wire, "72000001 0010007e 00201ab4 00000000 00000001");
}

static void test_refused(void)
{
    static const struct {
        const char *bytes;
        enum teeio_wire_error error;
    } cases[] = {
        {"", TEEIO_WIRE_SHORT},
        {"000000", TEEIO_WIRE_SHORT},
        {"92000011", TEEIO_WIRE_SHORT},
        {"00000001 0000000f 000000", TEEIO_WIRE_SHORT},
        {"20000001 0000000f 00000001", TEEIO_WIRE_SHORT},
        {"04000001 0000000f 00000000", TEEIO_WIRE_UNKNOWN_TYPE}, /* CfgRd0 */
        {"0c000001 00000000 00000000", TEEIO_WIRE_UNKNOWN_TYPE},
        {"10000000 00000030 00000000", TEEIO_WIRE_UNKNOWN_TYPE},
        {"2a000000 00000004 00000000 00000000", TEEIO_WIRE_UNKNOWN_TYPE},
        {"e0000000 00000000 00000000", TEEIO_WIRE_UNKNOWN_TYPE},
        {"9e000000 00000001 0000000f 00000000", TEEIO_WIRE_PREFIX},
        {"80000000 00000001 0000000f 00000000", TEEIO_WIRE_PREFIX},
        {"91000000 92000011 00000001 0000000f 00000000",
         TEEIO_WIRE_PREFIX_ORDER},
        {"92000011 92000011 00000001 0000000f 00000000",
         TEEIO_WIRE_PREFIX_ORDER},
        {"91000000 91000000 00000001 0000000f 00000000",
         TEEIO_WIRE_PREFIX_ORDER},
        {"92000001 00000001 0000000f 00000000", TEEIO_WIRE_SUB_STREAM},
        {"92000021 00000001 0000000f 00000000", TEEIO_WIRE_SUB_STREAM},
        {"92000071 00000001 0000000f 00000000", TEEIO_WIRE_SUB_STREAM},
        {"92000015 00000001 0000000f 00000000", TEEIO_WIRE_MAC},
        {"92000019 00000001 0000000f 00000000", TEEIO_WIRE_MAC},
        {"00010001 0000000f 00000000", TEEIO_WIRE_HINTS},
        {"00000c01 0000000f 00000000", TEEIO_WIRE_ADDRESS_TYPE},
        {"40000402 000000ff 00000000 00000000 00000000",
         TEEIO_WIRE_ADDRESS_TYPE},
        {"0a000400 00000004 00000000", TEEIO_WIRE_ADDRESS_TYPE},
        {"40000001 0000000f 00000000", TEEIO_WIRE_LENGTH},
        {"40000001 0000000f 00000000 00000000 00000000", TEEIO_WIRE_LENGTH},
        {"40008001 0000000f 00000000 00000000", TEEIO_WIRE_LENGTH},
        {"00000001 0000000f 00000000 00000000", TEEIO_WIRE_LENGTH},
        {"00000401 000000ff 00000000", TEEIO_WIRE_LENGTH},
        {"00000001 0000001f 00000000", TEEIO_WIRE_BYTE_ENABLES},
        {"00000002 000000f0 00000000", TEEIO_WIRE_BYTE_ENABLES},
        {"00000002 0000000f 00000000", TEEIO_WIRE_BYTE_ENABLES},
        {"00000003 000000f5 00000000", TEEIO_WIRE_BYTE_ENABLES},
        {"00000003 000000af 00000000", TEEIO_WIRE_BYTE_ENABLES},
        {"00000002 0000005f 00000004", TEEIO_WIRE_BYTE_ENABLES},
        {"00000402 0000000f 00000000", TEEIO_WIRE_BYTE_ENABLES},
        {"00000002 000000ff 00000ffc", TEEIO_WIRE_BOUNDARY},
        {"4c000003 00000000 00000000 00000000 00000000 00000000",
         TEEIO_WIRE_OPERAND},
        {"4c000002 00000000 00000004 00000000 00000000", TEEIO_WIRE_OPERAND},
        {"4e000001 00000000 00000000 00000000", TEEIO_WIRE_OPERAND},
        {"36000000 00000030 00000000 00000000", TEEIO_WIRE_ROUTING},
        {"20000001 0000000f 00000000 00000000", TEEIO_WIRE_HEADER_SIZE},
        {"00020001 0000000f 00000000", TEEIO_WIRE_RESERVED}, /* LN */
        {"00000001 0000000f 00000001", TEEIO_WIRE_RESERVED},
        {"00000001 0000000f 00000002", TEEIO_WIRE_RESERVED},
        {"00000402 000000ff 00000100", TEEIO_WIRE_RESERVED},
        {"91300000 00000001 0000000f 00000000", TEEIO_WIRE_RESERVED},
        {"4c000001 0000000f 00000000 00000000", TEEIO_WIRE_RESERVED},
        {"0a000001 00000004 00000000", TEEIO_WIRE_RESERVED},
        {"0a000000 00000004 00000080", TEEIO_WIRE_RESERVED},
        {"30000001 00000030 00000000 00000000", TEEIO_WIRE_RESERVED},
        {"30080000 00000030 00000000 00000000", TEEIO_WIRE_RESERVED},
    };
    struct teeio_tlp_wire wire;

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].bytes);
        g_assert_cmpstr(teeio_wire_error_name(decode(cases[i].bytes, &wire)),
                        ==, teeio_wire_error_name(cases[i].error));
    }
    /* Holes are legal in one doubleword, and in two that are aligned. */
    g_assert_cmpint(decode("00000001 00000005 00000000", &wire), ==, 0);
    g_assert_cmpint(decode("00000002 000000a5 00000008", &wire), ==, 0);
    g_assert_cmpint(decode("00000001 00000000 00000000", &wire), ==, 0);
}

static void test_not_encoded(void)
{
    struct teeio_tlp tlp = {.kind = TEEIO_TLP_KINDS, .length = 4};
    struct teeio_tlp_wire wire;
    uint8_t buf[TEEIO_WIRE_MAX];
    size_t len;

    teeio_wire_request(&wire, &tlp, 0);
    g_assert_cmpint(teeio_wire_encode(&wire, buf, &len), ==,
                    TEEIO_WIRE_UNKNOWN_TYPE);
    tlp.kind = TEEIO_TLP_MWR;
    teeio_wire_request(&wire, &tlp, 0);
    g_assert_cmpint(teeio_wire_encode(&wire, buf, &len), ==, TEEIO_WIRE_LENGTH);
    g_assert_cmpuint(len, ==, 0);
    wire.tag = 0x400;
    g_assert_cmpint(teeio_wire_encode_head(&wire, buf, &len), ==,
                    TEEIO_WIRE_RANGE);
    teeio_wire_request(&wire, &tlp, 0);
    wire.tc = 8;
    g_assert_cmpint(teeio_wire_encode_head(&wire, buf, &len), ==,
                    TEEIO_WIRE_RANGE);
    tlp.pasid = 1 << 20;
    tlp.pasid_valid = true;
    teeio_wire_request(&wire, &tlp, 0);
    g_assert_cmpint(teeio_wire_encode_head(&wire, buf, &len), ==,
                    TEEIO_WIRE_RANGE);
    tlp.pasid_valid = false;
    tlp.length = 8192;
    teeio_wire_request(&wire, &tlp, 0);
    g_assert_cmpint(teeio_wire_encode_head(&wire, buf, &len), ==,
                    TEEIO_WIRE_LENGTH);
    teeio_wire_complete(&wire, &wire, 0, 8);
    g_assert_cmpint(teeio_wire_encode_head(&wire, buf, &len), !=, 0);
}

static void test_names(void)
{
    for (unsigned i = 0; i <= TEEIO_WIRE_ERRORS; i++) {
        g_assert_nonnull(teeio_wire_error_name(i));
    }
    for (unsigned i = 0; i < TEEIO_WIRE_TYPES; i++) {
        g_assert_cmpstr(teeio_wire_type_name(i), !=, "?");
    }
    g_assert_cmpstr(teeio_wire_type_name(TEEIO_WIRE_TYPES), ==, "?");
    g_assert_cmpstr(teeio_wire_type_name(TEEIO_WIRE_CPLD), ==, "CplD");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tlp-wire/requests", test_requests);
    g_test_add_func("/tlp-wire/t-needs-a-prefix", test_t_needs_a_prefix);
    g_test_add_func("/tlp-wire/attributes", test_attributes);
    g_test_add_func("/tlp-wire/completions", test_completions);
    g_test_add_func("/tlp-wire/messages", test_messages);
    g_test_add_func("/tlp-wire/refused", test_refused);
    g_test_add_func("/tlp-wire/not-encoded", test_not_encoded);
    g_test_add_func("/tlp-wire/names", test_names);
    return g_test_run();
}
