/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Layouts of SPDM 1.2 and 1.3 (DSP0274) and of its secured messages (DSP0277).
 * Offsets are in bytes from the start of the message; numbers are
 * little-endian, points of a curve and digests are not numbers.
 */
#ifndef TEEIO_SPEC_SPDM_H
#define TEEIO_SPEC_SPDM_H

/* Every message begins so. */
#define TEEIO_SPDM_VERSION_OFFSET          0
#define TEEIO_SPDM_CODE_OFFSET             1
#define TEEIO_SPDM_PARAM1_OFFSET           2
#define TEEIO_SPDM_PARAM2_OFFSET           3
#define TEEIO_SPDM_HEADER                  4

#define TEEIO_SPDM_10                      0x10
#define TEEIO_SPDM_12                      0x12
#define TEEIO_SPDM_13                      0x13

#define TEEIO_SPDM_GET_DIGESTS             0x81
#define TEEIO_SPDM_GET_CERTIFICATE         0x82
#define TEEIO_SPDM_CHALLENGE               0x83
#define TEEIO_SPDM_GET_VERSION             0x84
#define TEEIO_SPDM_CHUNK_SEND              0x85
#define TEEIO_SPDM_CHUNK_GET               0x86
#define TEEIO_SPDM_GET_MEASUREMENTS        0xe0
#define TEEIO_SPDM_GET_CAPABILITIES        0xe1
#define TEEIO_SPDM_NEGOTIATE_ALGORITHMS    0xe3
#define TEEIO_SPDM_KEY_EXCHANGE            0xe4
#define TEEIO_SPDM_FINISH                  0xe5
#define TEEIO_SPDM_HEARTBEAT               0xe8
#define TEEIO_SPDM_KEY_UPDATE              0xe9
#define TEEIO_SPDM_END_SESSION             0xec
#define TEEIO_SPDM_VENDOR_DEFINED_REQUEST  0xfe
#define TEEIO_SPDM_RESPOND_IF_READY        0xff

#define TEEIO_SPDM_DIGESTS                 0x01
#define TEEIO_SPDM_CERTIFICATE             0x02
#define TEEIO_SPDM_CHALLENGE_AUTH          0x03
#define TEEIO_SPDM_VERSION                 0x04
#define TEEIO_SPDM_CHUNK_SEND_ACK          0x05
#define TEEIO_SPDM_CHUNK_RESPONSE          0x06
#define TEEIO_SPDM_MEASUREMENTS            0x60
#define TEEIO_SPDM_CAPABILITIES            0x61
#define TEEIO_SPDM_ALGORITHMS              0x63
#define TEEIO_SPDM_KEY_EXCHANGE_RSP        0x64
#define TEEIO_SPDM_FINISH_RSP              0x65
#define TEEIO_SPDM_HEARTBEAT_ACK           0x68
#define TEEIO_SPDM_KEY_UPDATE_ACK          0x69
#define TEEIO_SPDM_END_SESSION_ACK         0x6c
#define TEEIO_SPDM_VENDOR_DEFINED_RESPONSE 0x7e
#define TEEIO_SPDM_ERROR                   0x7f

/* ERROR: the code in Param1, its data in Param2, maybe more behind. */
#define TEEIO_SPDM_INVALID_REQUEST        0x01
#define TEEIO_SPDM_BUSY                   0x03
#define TEEIO_SPDM_UNEXPECTED_REQUEST     0x04
#define TEEIO_SPDM_UNSPECIFIED            0x05
#define TEEIO_SPDM_DECRYPT_ERROR          0x06
#define TEEIO_SPDM_UNSUPPORTED_REQUEST    0x07 /* Param2: request code */
#define TEEIO_SPDM_SESSION_LIMIT_EXCEEDED 0x0a
#define TEEIO_SPDM_SESSION_REQUIRED       0x0b
#define TEEIO_SPDM_RESPONSE_TOO_LARGE     0x0d /* u32: length it has */
#define TEEIO_SPDM_REQUEST_TOO_LARGE      0x0e
#define TEEIO_SPDM_LARGE_RESPONSE         0x0f /* u8: handle */
#define TEEIO_SPDM_VERSION_MISMATCH       0x41
#define TEEIO_SPDM_REQUEST_RESYNCH        0x43

/* VERSION: count u8 @5, entries u16 @6. */
#define TEEIO_SPDM_VERSION_ENTRY(version) ((version) << 8)

/* GET_CAPABILITIES and CAPABILITIES. Param1: extended capabilities, 1.3. */
#define TEEIO_SPDM_SUPPORTED_ALGORITHMS   0x01
#define TEEIO_SPDM_CT_EXPONENT            5
#define TEEIO_SPDM_FLAGS                  8
#define TEEIO_SPDM_DATA_TRANSFER_SIZE     12
#define TEEIO_SPDM_MAX_SPDM_MSG_SIZE      16
#define TEEIO_SPDM_CAPABILITIES_SIZE      20
#define TEEIO_SPDM_MIN_DATA_TRANSFER_SIZE 42

/* Flags of both sides, or as named of the responder (RSP), the requester. */
#define TEEIO_SPDM_CERT_CAP               0x00000002u
#define TEEIO_SPDM_CHAL_CAP               0x00000004u
#define TEEIO_SPDM_RSP_MEAS_CAP           0x00000018u
#define TEEIO_SPDM_RSP_MEAS_CAP_NO_SIG    0x00000008u
#define TEEIO_SPDM_RSP_MEAS_CAP_SIG       0x00000010u
#define TEEIO_SPDM_RSP_MEAS_FRESH_CAP     0x00000020u
#define TEEIO_SPDM_ENCRYPT_CAP            0x00000040u
#define TEEIO_SPDM_MAC_CAP                0x00000080u
#define TEEIO_SPDM_MUT_AUTH_CAP           0x00000100u
#define TEEIO_SPDM_KEY_EX_CAP             0x00000200u
#define TEEIO_SPDM_PSK_CAP_SHIFT          10 /* two bits */
#define TEEIO_SPDM_ENCAP_CAP              0x00001000u
#define TEEIO_SPDM_HBEAT_CAP              0x00002000u
#define TEEIO_SPDM_KEY_UPD_CAP            0x00004000u
#define TEEIO_SPDM_HANDSHAKE_IN_CLEAR_CAP 0x00008000u
#define TEEIO_SPDM_PUB_KEY_ID_CAP         0x00010000u
#define TEEIO_SPDM_CHUNK_CAP              0x00020000u
#define TEEIO_SPDM_EP_INFO_CAP_SHIFT      22 /* two bits, 1.3 */
#define TEEIO_SPDM_MULTI_KEY_CAP_SHIFT    26 /* two bits, 1.3 */

/* NEGOTIATE_ALGORITHMS; ALGORITHMS where RSP says so. Param1: structures. */
#define TEEIO_SPDM_ALG_LENGTH         4
#define TEEIO_SPDM_ALG_MEAS_SPEC      6
#define TEEIO_SPDM_ALG_OTHER_PARAMS   7
#define TEEIO_SPDM_ALG_BASE_ASYM      8
#define TEEIO_SPDM_ALG_BASE_HASH      12
#define TEEIO_SPDM_ALG_EXT_ASYM_COUNT 28
#define TEEIO_SPDM_ALG_EXT_HASH_COUNT 29
#define TEEIO_SPDM_ALG_STRUCTS        32 /* behind the extended ones */
#define TEEIO_SPDM_ALG_MAX_LENGTH     128
#define TEEIO_SPDM_ALG_MAX_EXT        20
#define TEEIO_SPDM_ALG_RSP_MEAS_HASH  8
#define TEEIO_SPDM_ALG_RSP_BASE_ASYM  12
#define TEEIO_SPDM_ALG_RSP_BASE_HASH  16
#define TEEIO_SPDM_ALG_RSP_STRUCTS    36

#define TEEIO_SPDM_MEAS_SPEC_DMTF     0x01
#define TEEIO_SPDM_OPAQUE_FMT1        0x02
#define TEEIO_SPDM_MULTI_KEY_CONN     0x10
#define TEEIO_SPDM_ECDSA_P256         0x00000010u
#define TEEIO_SPDM_ECDSA_P384         0x00000080u
#define TEEIO_SPDM_SHA_256            0x00000001u
#define TEEIO_SPDM_SHA_384            0x00000002u
#define TEEIO_SPDM_MEAS_SHA_256       0x00000002u
#define TEEIO_SPDM_MEAS_SHA_384       0x00000004u

/* An algorithm structure: type u8, counts u8, supported u16, extended. */
#define TEEIO_SPDM_ALG_STRUCT             4
#define TEEIO_SPDM_ALG_TYPE_DHE           2
#define TEEIO_SPDM_ALG_TYPE_AEAD          3
#define TEEIO_SPDM_ALG_TYPE_REQ_BASE_ASYM 4
#define TEEIO_SPDM_ALG_TYPE_KEY_SCHEDULE  5
#define TEEIO_SPDM_ALG_FIXED_COUNT_2      0x20
#define TEEIO_SPDM_SECP256R1              0x0008u
#define TEEIO_SPDM_SECP384R1              0x0010u
#define TEEIO_SPDM_AES_128_GCM            0x0001u
#define TEEIO_SPDM_AES_256_GCM            0x0002u
#define TEEIO_SPDM_CHACHA20_POLY1305      0x0004u
#define TEEIO_SPDM_KEY_SCHEDULE           0x0001u

/* A certificate chain: length u16, reserved u16, digest of the root, DER. */
#define TEEIO_SPDM_CHAIN_HEADER 4

/* GET_CERTIFICATE. Param1: slot; Param2: attributes. */
#define TEEIO_SPDM_CERT_OFFSET              4
#define TEEIO_SPDM_CERT_LENGTH              6
#define TEEIO_SPDM_CERT_SIZE                8
#define TEEIO_SPDM_CERT_SLOT_SIZE_REQUESTED 0x01 /* 1.3 */
#define TEEIO_SPDM_SLOT_MASK                0x0f

#define TEEIO_SPDM_NONCE                    32
#define TEEIO_SPDM_CONTEXT                  8 /* RequesterContext, 1.3 */

/* CHALLENGE, KEY_EXCHANGE: measurement summary hash of what? */
#define TEEIO_SPDM_SUMMARY_NONE 0x00
#define TEEIO_SPDM_SUMMARY_TCB  0x01
#define TEEIO_SPDM_SUMMARY_ALL  0xff

/* GET_MEASUREMENTS: attributes in Param1, operation or index in Param2. */
#define TEEIO_SPDM_MEAS_SIGNATURE 0x01
#define TEEIO_SPDM_MEAS_RAW       0x02
#define TEEIO_SPDM_MEAS_COUNT     0x00
#define TEEIO_SPDM_MEAS_ALL       0xff
/* A block: index u8, specification u8, size u16, type u8, size u16, value. */
#define TEEIO_SPDM_MEAS_BLOCK        4
#define TEEIO_SPDM_MEAS_VALUE_HEADER 3
#define TEEIO_SPDM_MEAS_VALUE_RAW    0x80

/* KEY_EXCHANGE. Param1: summary hash; Param2: slot. */
#define TEEIO_SPDM_KEX_SESSION          4
#define TEEIO_SPDM_KEX_POLICY           6
#define TEEIO_SPDM_KEX_RANDOM           8
#define TEEIO_SPDM_KEX_EXCHANGE         40
#define TEEIO_SPDM_KEX_EVENT_ALL_POLICY 0x02 /* 1.3 */

/* KEY_UPDATE: operation in Param1, tag in Param2. */
#define TEEIO_SPDM_UPDATE_KEY      1
#define TEEIO_SPDM_UPDATE_ALL_KEYS 2
#define TEEIO_SPDM_VERIFY_NEW_KEY  3

/* CHUNK_SEND, CHUNK_GET and their answers. Param2: handle. */
#define TEEIO_SPDM_CHUNK_LAST        0x01 /* Param1 */
#define TEEIO_SPDM_CHUNK_EARLY_ERROR 0x01 /* Param1 of the ACK */
#define TEEIO_SPDM_CHUNK_SEQUENCE    4
#define TEEIO_SPDM_CHUNK_SIZE        8
#define TEEIO_SPDM_CHUNK_DATA        12 /* +4 in the first: size of all */
#define TEEIO_SPDM_CHUNK_GET_SIZE    6

/* VENDOR_DEFINED: standard u16, length u8, vendor, length u16, payload. */
#define TEEIO_SPDM_VENDOR_STANDARD 4
#define TEEIO_SPDM_VENDOR_LENGTH   6
#define TEEIO_SPDM_VENDOR_ID       7

/* General opaque data: count u8, reserved[3], elements, each padded to 4. */
#define TEEIO_SPDM_OPAQUE_HEADER 4
#define TEEIO_SPDM_OPAQUE_MAX    1024
#define TEEIO_SPDM_REGISTRY_DMTF 0
/* DSP0277: the elements of DMTF that choose a version of secured messages. */
#define TEEIO_SPDM_SM_DATA_VERSION       1
#define TEEIO_SPDM_SM_VERSION_SELECTION  0
#define TEEIO_SPDM_SM_SUPPORTED_VERSIONS 1
#define TEEIO_SPDM_SM_11                 0x11

/*
 * DSP0277 on PCIe DOE: session u32, length u16 of what follows, then sealed:
 * length u16 of the message, message, random; last the tag. No sequence number
 * is sent.
 */
#define TEEIO_SPDM_SECURED_HEADER     6
#define TEEIO_SPDM_SECURED_LENGTH     4
#define TEEIO_SPDM_SECURED_APP_LENGTH 2
#define TEEIO_SPDM_SECURED_TAG        16

#endif
