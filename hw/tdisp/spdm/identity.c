/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "crypto.h"
#include "teeio/spdm.h"
#include "teeio/spec/spdm.h"

/* PCIe 6.31.3: the object that names a component. */
#define OID_PCI_SIG_NAME "2.23.147"
/* DSP0274 annex "Leaf certificate": hardware identity, both EKUs. */
#define OID_DMTF_SPDM          "1.3.6.1.4.1.412.274.6"
#define OID_DMTF_IDENTITY      "1.3.6.1.4.1.412.274.2"
#define OID_EKU_RESPONDER_AUTH "1.3.6.1.4.1.412.274.3"

/* 2026-01-01, and the end of time of RFC 5280 4.1.2.5. */
#define NOT_BEFORE 1767225600
#define NOT_AFTER  253402300799

#define CURVE      TEEIO_SPDM_SECP384R1
#define NAME_MAX   160

struct signer {
    gnutls_x509_privkey_t key;
    gnutls_privkey_t handle;
};

/* A scalar that follows from a text: the same for all, secret to nobody. */
static bool make_scalar(const char *text, uint8_t *scalar, uint8_t *point)
{
    uint8_t input[NAME_MAX + 1];
    size_t len = strlen(text);

    if (len > NAME_MAX) {
        return false;
    }
    memcpy(input, text, len);
    /* Next to no digest is above the order of the curve. */
    for (unsigned i = 0; i < 256; i++) {
        input[len] = i;
        teeio_spdm_digest(TEEIO_SPDM_SHA_384, input, len + 1, scalar);
        if (teeio_spdm_ecc_public(CURVE, scalar, point)) {
            return true;
        }
    }
    return false;
}

static bool make_signer(const char *text, struct signer *out)
{
    uint8_t point[TEEIO_SPDM_POINT];
    uint8_t scalar[TEEIO_SPDM_COORDINATE];
    gnutls_datum_t x = {point, TEEIO_SPDM_COORDINATE};
    gnutls_datum_t y = {point + TEEIO_SPDM_COORDINATE, TEEIO_SPDM_COORDINATE};
    gnutls_datum_t k = {scalar, sizeof(scalar)};

    return make_scalar(text, scalar, point) &&
           gnutls_x509_privkey_init(&out->key) >= 0 &&
           gnutls_privkey_init(&out->handle) >= 0 &&
           gnutls_x509_privkey_import_ecc_raw(
               out->key, GNUTLS_ECC_CURVE_SECP384R1, &x, &y, &k) >= 0 &&
           gnutls_privkey_import_x509(out->handle, out->key, 0) >= 0;
}

static void free_signer(struct signer *signer)
{
    if (signer->handle) {
        gnutls_privkey_deinit(signer->handle);
    }
    if (signer->key) {
        gnutls_x509_privkey_deinit(signer->key);
    }
}

/* What all three certificates have. */
static gnutls_x509_crt_t new_certificate(const char *name, uint64_t serial,
                                         const struct signer *subject, bool ca)
{
    unsigned usage =
        ca ? GNUTLS_KEY_KEY_CERT_SIGN : GNUTLS_KEY_DIGITAL_SIGNATURE;
    gnutls_x509_crt_t crt;
    uint8_t number[8];
    uint8_t id[20];
    size_t id_size = sizeof(id);

    if (gnutls_x509_crt_init(&crt) < 0) {
        return NULL;
    }
    /* Positive, without zeros that DER would not have (RFC 5280 4.1.2.2). */
    for (unsigned i = 0; i < sizeof(number); i++) {
        number[i] = serial >> 8 * (7 - i);
    }
    number[0] = (number[0] & 0x3f) | 0x40;
    if (gnutls_x509_crt_set_version(crt, 3) < 0 ||
        gnutls_x509_crt_set_serial(crt, number, sizeof(number)) < 0 ||
        gnutls_x509_crt_set_dn(crt, name, NULL) < 0 ||
        gnutls_x509_crt_set_key(crt, subject->key) < 0 ||
        gnutls_x509_crt_set_activation_time(crt, NOT_BEFORE) < 0 ||
        gnutls_x509_crt_set_expiration_time(crt, NOT_AFTER) < 0 ||
        gnutls_x509_crt_set_basic_constraints(crt, ca, -1) < 0 ||
        gnutls_x509_crt_set_key_usage(crt, usage) < 0 ||
        gnutls_x509_crt_get_key_id(crt, 0, id, &id_size) < 0 ||
        gnutls_x509_crt_set_subject_key_id(crt, id, id_size) < 0) {
        gnutls_x509_crt_deinit(crt);
        return NULL;
    }
    return crt;
}

/* PCIe 6.31.3 "Subject Alternative Name": all that identifies the function. */
static bool name_device(gnutls_x509_crt_t crt,
                        const struct teeio_spdm_identity *identity)
{
    char text[NAME_MAX];
    int len;

    len = snprintf(text, sizeof(text),
                   "Vendor=%04" PRIX16 ":Device=%04" PRIX16 ":CC=%06" PRIX32
                   ":REV=%02" PRIX8,
                   identity->vendor, identity->device,
                   identity->class_code & 0xffffff, identity->revision);
    if (!identity->bridge) {
        len += snprintf(text + len, sizeof(text) - len,
                        ":SSVID=%04" PRIX16 ":SSID=%04" PRIX16,
                        identity->subsystem_vendor, identity->subsystem);
    }
    return gnutls_x509_crt_set_subject_alt_othername(
               crt, OID_PCI_SIG_NAME, text, len,
               GNUTLS_FSAN_ENCODE_UTF8_STRING) >= 0;
}

/*
 * DSP0274 "Leaf certificate": the extension that DMTF defines says that the
 * key is the hardware's; the EKU that it authenticates a responder.
 */
static bool mark_leaf(gnutls_x509_crt_t crt)
{
    /* SEQUENCE { SEQUENCE { OBJECT IDENTIFIER 1.3.6.1.4.1.412.274.2 } } */
    static const uint8_t hardware_identity[] = {
        0x30, 0x0e, 0x30, 0x0c, 0x06, 0x0a, 0x2b, 0x06,
        0x01, 0x04, 0x01, 0x83, 0x1c, 0x82, 0x12, 0x02};

    return gnutls_x509_crt_set_extension_by_oid(
               crt, OID_DMTF_SPDM, hardware_identity, sizeof(hardware_identity),
               0) >= 0 &&
           gnutls_x509_crt_set_key_purpose_oid(crt, OID_EKU_RESPONDER_AUTH,
                                               0) >= 0;
}

/* Signed the deterministic way (RFC 6979), so the bytes are always the same. */
static bool add_signed(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer,
                       const struct signer *signer,
                       struct teeio_spdm_credentials *out)
{
    size_t room = sizeof(out->chain) - out->chain_size;
    uint8_t id[20];
    size_t id_size = sizeof(id);

    if (gnutls_x509_crt_get_subject_key_id(issuer, id, &id_size, NULL) < 0 ||
        gnutls_x509_crt_set_authority_key_id(crt, id, id_size) < 0 ||
        gnutls_x509_crt_privkey_sign(crt, issuer, signer->handle,
                                     GNUTLS_DIG_SHA384,
                                     GNUTLS_PRIVKEY_FLAG_REPRODUCIBLE) < 0 ||
        gnutls_x509_crt_export(crt, GNUTLS_X509_FMT_DER,
                               out->chain + out->chain_size, &room) < 0) {
        return false;
    }
    out->chain_size += room;
    return true;
}

static bool make_chain(const struct teeio_spdm_identity *identity,
                       struct signer *signers, gnutls_x509_crt_t *crts,
                       struct teeio_spdm_credentials *out)
{
    char name[NAME_MAX];

    snprintf(name, sizeof(name),
             "CN=teeio %04" PRIX16 ":%04" PRIX16 ",serialNumber=%016" PRIX64,
             identity->vendor, identity->device, identity->serial);
    crts[0] =
        new_certificate("CN=teeio root CA,O=qemu-teeio", 1, &signers[0], true);
    crts[1] = new_certificate("CN=teeio intermediate CA,O=qemu-teeio", 2,
                              &signers[1], true);
    crts[2] = new_certificate(name, identity->serial ^ 3, &signers[2], false);
    return crts[0] && crts[1] && crts[2] && name_device(crts[2], identity) &&
           mark_leaf(crts[2]) &&
           add_signed(crts[0], crts[0], &signers[0], out) &&
           add_signed(crts[1], crts[0], &signers[0], out) &&
           add_signed(crts[2], crts[1], &signers[1], out);
}

bool teeio_spdm_identity_make(const struct teeio_spdm_identity *identity,
                              struct teeio_spdm_credentials *out)
{
    gnutls_x509_crt_t crts[3] = {NULL};
    struct signer signers[3] = {{0}};
    char leaf[NAME_MAX];
    bool ok;

    memset(out, 0, sizeof(*out));
    snprintf(leaf, sizeof(leaf),
             "teeio leaf %" PRIx16 " %" PRIx16 " %" PRIx16 " %" PRIx16
             " %" PRIx32 " %" PRIx8 " %d %" PRIx64,
             identity->vendor, identity->device, identity->subsystem_vendor,
             identity->subsystem, identity->class_code, identity->revision,
             identity->bridge, identity->serial);
    ok = make_signer("teeio root", &signers[0]) &&
         make_signer("teeio intermediate", &signers[1]) &&
         make_signer(leaf, &signers[2]) &&
         make_chain(identity, signers, crts, out);
    if (ok) {
        out->key_size = sizeof(out->key);
        ok = gnutls_x509_privkey_export(signers[2].key, GNUTLS_X509_FMT_DER,
                                        out->key, &out->key_size) >= 0;
    }
    for (unsigned i = 0; i < 3; i++) {
        if (crts[i]) {
            gnutls_x509_crt_deinit(crts[i]);
        }
        free_signer(&signers[i]);
    }
    return ok;
}
