/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include <glib.h>
#include <json-glib/json-glib.h>

#include "teeio/event.h"

#define HEAD "{\"seq\":7,\"t_ns\":1000,\"src\":\"unit\",\"ev\":"

static const struct teeio_dma dma = {
    .tlp = {.kind = TEEIO_TLP_MWR,
            .origin = TEEIO_ORIGIN_TDI,
            .address = 0xfffff000,
            .length = 64,
            .requester = 0x10,
            .t = true},
    .route = TEEIO_ROUTE_UPSTREAM,
    .xlate = {.s1 = TEEIO_STAGE_OK,
              .via = TEEIO_VIA_WALK,
              .output = 0x40001000},
    .owner = TEEIO_OWNER_PRIVATE,
};

#define DMA_JSON                                                            \
    "\"type\":\"MWr\",\"origin\":\"tdi\",\"requester\":\"0000:00:02.0\","   \
    "\"addr\":\"0xfffff000\",\"len\":64,\"t\":1,\"xt\":0,\"pasid\":null,"   \
    "\"route\":\"upstream\",\"s1\":\"ok\",\"s2\":\"off\",\"via\":\"walk\"," \
    "\"out\":\"0x40001000\",\"owner\":\"private\",\"fault\":null,"          \
    "\"verdict\":\"ok\""

static JsonNode *parse(const char *line)
{
    g_autoptr(GError) error = NULL;
    JsonNode *node = json_from_string(line, &error);

    g_assert_no_error(error);
    g_assert_true(JSON_NODE_HOLDS_OBJECT(node));
    return node;
}

static void expect_line(struct teeio_event event, const char *line)
{
    char buf[TEEIO_EVENT_LINE];
    size_t len;

    event.source = "unit";
    event.seq = 7;
    event.t_ns = 1000;
    len = teeio_event_format(&event, buf);
    g_assert_cmpstr(buf, ==, line);
    g_assert_cmpuint(len, ==, strlen(buf));
    json_node_unref(parse(buf));
}

static void test_tlp(void)
{
    struct teeio_event event = {.kind = TEEIO_EVENT_TLP, .u.dma = dma};

    expect_line(event, HEAD "\"tlp\"," DMA_JSON "}");
}

static void test_tlp_refused(void)
{
    struct teeio_event event = {.kind = TEEIO_EVENT_TLP, .u.dma = dma};
    struct teeio_dma *refused = &event.u.dma;

    refused->tlp.kind = TEEIO_TLP_MRD;
    refused->tlp.origin = TEEIO_ORIGIN_CORE;
    refused->tlp.t = false;
    refused->tlp.xt = true;
    refused->tlp.pasid_valid = true;
    refused->tlp.pasid = 0x1f;
    refused->xlate.verdict = TEEIO_VERDICT_FAULT;
    refused->xlate.s1 = TEEIO_STAGE_FAULT;
    refused->xlate.fault.present = true;
    refused->xlate.fault.name = "F_TRANSLATION";
    refused->owner = TEEIO_OWNER_NONE;
    refused->verdict = TEEIO_VERDICT_FAULT;
    expect_line(event,
                HEAD "\"tlp\",\"type\":\"MRd\",\"origin\":\"core\","
                     "\"requester\":\"0000:00:02.0\",\"addr\":\"0xfffff000\","
                     "\"len\":64,\"t\":0,\"xt\":1,\"pasid\":\"0x1f\","
                     "\"route\":\"upstream\",\"s1\":\"fault\",\"s2\":\"off\","
                     "\"via\":\"walk\",\"out\":null,\"owner\":\"none\","
                     "\"fault\":\"F_TRANSLATION\",\"verdict\":\"fault\"}");
}

static void test_tlp_expected(void)
{
    char buf[TEEIO_EVENT_LINE];
    struct teeio_event event = {.kind = TEEIO_EVENT_TLP, .u.dma = dma};

    event.u.dma.xlate.expected = TEEIO_OWNER_SHARED;
    event.u.dma.owner = TEEIO_OWNER_PRIVATE;
    event.u.dma.verdict = TEEIO_VERDICT_DENIED;
    teeio_event_format(&event, buf);
    g_assert_nonnull(
        strstr(buf, "\"owner\":\"private\",\"expected\":\"shared\","));
    g_assert_null(strstr(buf, "\"bank\""));
    event.u.dma.misplaced = true;
    teeio_event_format(&event, buf);
    g_assert_nonnull(strstr(buf, "\"bank\":\"shared\""));
}

/* What most TLPs do not have is only there when they have it. */
static void test_tlp_prefixes(void)
{
    char buf[TEEIO_EVENT_LINE];
    struct teeio_event event = {.kind = TEEIO_EVENT_TLP, .u.dma = dma};

    event.u.dma.tlp.kind = TEEIO_TLP_CAS;
    event.u.dma.tlp.ide = true;
    event.u.dma.tlp.stream = 0xc3;
    event.u.dma.tlp.privileged = true;
    event.u.dma.tlp.execute = true;
    teeio_event_format(&event, buf);
    json_node_unref(parse(buf));
    g_assert_nonnull(strstr(buf, "\"type\":\"CAS\""));
    g_assert_nonnull(strstr(buf, "\"pmr\":1,\"exe\":1,\"ide\":195,"));
}

static void test_tlp_disabled(void)
{
    struct teeio_event event = {.kind = TEEIO_EVENT_TLP, .u.dma = dma};

    event.u.dma.xlate.disabled = TEEIO_DISABLED_SINK;
    event.u.dma.xlate.when = TEEIO_DISABLED_DETACH;
    expect_line(event, HEAD "\"tlp\"," DMA_JSON
                            ",\"disabled\":\"sink\",\"when\":\"detach\"}");
}

/* An untouched answer says OK, but the IOMMU was never asked. */
static void test_tlp_rejected(void)
{
    char buf[TEEIO_EVENT_LINE];
    struct teeio_event event = {
        .kind = TEEIO_EVENT_TLP,
        .u.dma = {.route = TEEIO_ROUTE_REJECTED,
                  .verdict = TEEIO_VERDICT_UNSUPPORTED},
    };

    teeio_event_format(&event, buf);
    g_assert_nonnull(strstr(buf, "\"route\":\"rejected\""));
    g_assert_nonnull(strstr(buf, "\"out\":null"));
    g_assert_nonnull(strstr(buf, "\"src\":null"));
}

static void test_tlp_routes(void)
{
    static const struct {
        enum teeio_route_kind route;
        struct teeio_path path;
        const char *text;
    } rows[] = {
        {TEEIO_ROUTE_PEER,
         {.peer = 0x0418, .acs = 0x20},
         "\"route\":\"peer\",\"peer\":\"0000:04:03.0\",\"acs\":\"ec\",\"s1\""},
        {TEEIO_ROUTE_PEER,
         {.peer = 0x0418, .completion_upstream = true},
         "\"peer\":\"0000:04:03.0\",\"completion\":\"upstream\",\"s1\""},
        {TEEIO_ROUTE_REJECTED,
         {.refusal = TEEIO_REFUSAL_ACS,
          .detected = true,
          .detector = 0x0208,
          .acs = 0x01},
         "\"route\":\"rejected\",\"refusal\":\"acs-violation\","
         "\"detector\":\"0000:02:01.0\",\"acs\":\"sv\",\"s1\""},
        {TEEIO_ROUTE_REJECTED,
         {.refusal = TEEIO_REFUSAL_UR},
         "\"route\":\"rejected\",\"refusal\":\"ur\",\"s1\""},
        {TEEIO_ROUTE_REJECTED,
         {.refusal = TEEIO_REFUSAL_IDE,
          .detected = true,
          .detector = 0x0008,
          .ide = TEEIO_IDE_NOT_SECURE},
         "\"refusal\":\"ide-check-failed\",\"reason\":\"the stream is "
         "insecure\",\"detector\":\"0000:00:01.0\",\"s1\""},
        {TEEIO_ROUTE_REJECTED,
         {.refusal = TEEIO_REFUSAL_MISROUTED, .ide = TEEIO_IDE_UNKNOWN_STREAM},
         "\"refusal\":\"misrouted-ide-tlp\",\"reason\":\"no such stream is "
         "enabled\",\"s1\""},
        {TEEIO_ROUTE_UPSTREAM,
         {.acs = 0x10},
         "\"route\":\"upstream\",\"acs\":\"uf\",\"s1\""},
    };
    char buf[TEEIO_EVENT_LINE];

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct teeio_event event = {
            .kind = TEEIO_EVENT_TLP,
            .u.dma = {.route = rows[i].route, .path = rows[i].path},
        };

        teeio_event_format(&event, buf);
        g_assert_nonnull(strstr(buf, rows[i].text));
        json_node_unref(parse(buf));
    }
}

static void test_others(void)
{
    expect_line(
        (struct teeio_event){
            .kind = TEEIO_EVENT_FAULT,
            .u.fault = {.stream = 0x18,
                        .fault = {.name = "F_WALK_EABT",
                                  .stage = 1,
                                  .dw = {0x10, UINT64_MAX, 0, 3}},
                        .queued = true}},
        HEAD "\"fault\",\"stream\":\"0x18\",\"name\":\"F_WALK_EABT\","
             "\"stage\":1,\"record\":[\"0x10\",\"0xffffffffffffffff\","
             "\"0x0\",\"0x3\"],\"queued\":true}");
    expect_line(
        (struct teeio_event){.kind = TEEIO_EVENT_COMMAND,
                             .u.command = {.name = "CFGI_ALL", .dw = {4, 31}}},
        HEAD "\"command\",\"name\":\"CFGI_ALL\",\"dw\":[\"0x4\",\"0x1f\"],"
             "\"error\":null}");
    expect_line(
        (struct teeio_event){.kind = TEEIO_EVENT_ENABLE, .u.enabled = true},
        HEAD "\"enable\",\"on\":true}");
    expect_line(
        (struct teeio_event){.kind = TEEIO_EVENT_TDISP,
                             .u.tdisp = {.requester = 0x10,
                                         .input = TEEIO_TDISP_START,
                                         .from = TEEIO_TDISP_CONFIG_LOCKED,
                                         .to = TEEIO_TDISP_CONFIG_LOCKED,
                                         .error = TEEIO_TDISP_INVALID_NONCE,
                                         .cause = "a \"quoted\" \\ word\n"}},
        HEAD "\"tdisp\",\"requester\":\"0000:00:02.0\","
             "\"input\":\"START_INTERFACE_REQUEST\","
             "\"from\":\"CONFIG_LOCKED\",\"to\":\"CONFIG_LOCKED\","
             "\"error\":\"INVALID_NONCE\","
             "\"cause\":\"a \\\"quoted\\\" \\\\ word?\"}");
    expect_line((struct teeio_event){.kind = TEEIO_EVENT_OWNER,
                                     .u.owner = {0x40000000, 0x2000,
                                                 TEEIO_OWNER_SHARED}},
                HEAD "\"owner\",\"base\":\"0x40000000\",\"size\":\"0x2000\","
                     "\"owner\":\"shared\"}");
    expect_line(
        (struct teeio_event){.kind = TEEIO_EVENT_MARKER, .u.marker = 42},
        HEAD "\"marker\",\"value\":\"0x2a\"}");
    expect_line(
        (struct teeio_event){.kind = TEEIO_EVENT_CANARY, .u.canary = {3, 512}},
        HEAD "\"canary\",\"shared\":3,\"private\":512}");
    expect_line((struct teeio_event){.kind = TEEIO_EVENT_RESET},
                HEAD "\"reset\"}");
}

static void test_finding(void)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_FINDING,
        .u.finding = {.kind = TEEIO_FINDING_IDENTITY_FLIP,
                      .trigger = 6,
                      .related = 3,
                      .dma = dma,
                      .text = "what \"happened\""},
    };

    expect_line(event, HEAD "\"finding\",\"finding\":\"identity-flip\","
                            "\"trigger\":6,\"related\":3,"
                            "\"text\":\"what \\\"happened\\\"\","
                            "\"tlp\":{" DMA_JSON "}}");
}

/* Every member as long as it can be: the line is still whole JSON. */
static void test_longest(void)
{
    g_autofree char *name = g_strnfill(1000, '"');
    char buf[TEEIO_EVENT_LINE];
    struct teeio_event event = {
        .kind = TEEIO_EVENT_FINDING,
        .source = name,
        .seq = UINT64_MAX,
        .t_ns = UINT64_MAX,
        .u.finding = {.kind = TEEIO_FINDING_T1_SHARED_TABLE,
                      .trigger = UINT64_MAX,
                      .related = UINT64_MAX,
                      .dma = dma},
    };
    struct teeio_dma *longest = &event.u.finding.dma;
    g_autoptr(JsonNode) node = NULL;
    size_t len;

    memset(event.u.finding.text, '\\', TEEIO_FINDING_TEXT);
    longest->tlp.origin = TEEIO_ORIGIN_CORE;
    longest->tlp.address = UINT64_MAX;
    longest->tlp.length = UINT32_MAX;
    longest->tlp.pasid_valid = true;
    longest->tlp.pasid = UINT32_MAX;
    longest->tlp.kind = TEEIO_TLP_FETCHADD;
    longest->tlp.at = TEEIO_AT_TRANSLATED;
    longest->tlp.privileged = true;
    longest->tlp.execute = true;
    longest->tlp.ide = true;
    longest->tlp.stream = 255;
    longest->xlate.s1 = TEEIO_STAGE_SKIPPED;
    longest->xlate.s2 = TEEIO_STAGE_SKIPPED;
    longest->xlate.via = TEEIO_VIA_IDENTITY;
    longest->xlate.output = UINT64_MAX;
    longest->xlate.fault.present = true;
    longest->xlate.fault.name = name;
    longest->verdict = TEEIO_VERDICT_UNSUPPORTED;
    longest->misplaced = true;
    longest->xlate.disabled = TEEIO_DISABLED_BLOCK_SILENT;
    longest->xlate.when = TEEIO_DISABLED_UNMAPPED;
    len = teeio_event_format(&event, buf);
    g_test_message("%zu of %u characters", len, TEEIO_EVENT_LINE);
    g_assert_cmpuint(len, <, TEEIO_EVENT_LINE - 1);
    node = parse(buf);
}

static void test_names(void)
{
    for (unsigned i = 0; i < TEEIO_EVENT_KINDS; i++) {
        g_assert_cmpstr(teeio_event_kind_name(i), !=, "?");
    }
    for (unsigned i = 0; i < TEEIO_FINDINGS; i++) {
        g_assert_cmpstr(teeio_finding_name(i), !=, "?");
    }
    g_assert_cmpstr(teeio_event_kind_name(TEEIO_EVENT_KINDS), ==, "?");
    g_assert_cmpstr(teeio_finding_name(TEEIO_FINDINGS), ==, "?");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event/tlp", test_tlp);
    g_test_add_func("/event/tlp-refused", test_tlp_refused);
    g_test_add_func("/event/tlp-prefixes", test_tlp_prefixes);
    g_test_add_func("/event/tlp-disabled", test_tlp_disabled);
    g_test_add_func("/event/tlp-rejected", test_tlp_rejected);
    g_test_add_func("/event/tlp-routes", test_tlp_routes);
    g_test_add_func("/event/tlp-expected", test_tlp_expected);
    g_test_add_func("/event/others", test_others);
    g_test_add_func("/event/finding", test_finding);
    g_test_add_func("/event/longest", test_longest);
    g_test_add_func("/event/names", test_names);
    return g_test_run();
}
