/* libm26pay: drives the Alipay SDK inside a Quectel M26.
 *
 * Made from the sources of capi/src by cbindgen: see capi/tests/header.rs. Do not edit it.
 *
 * How it is used
 *
 * - A function returns M26PAY_OK, M26PAY_NOTHING, or a negative number: m26pay_last_error says why. When
 *   it fails nothing is written through its pointers.
 * - A handle such as m26pay_module is a number, not a pointer. A handle that was freed is told from one
 *   that was not: M26PAY_STALE_HANDLE.
 * - Texts are UTF-8 with a length. What the library is given is only read while the call lasts, and stays
 *   the caller's. What it gives has a `memory` beside it, and lives until m26pay_memory_free.
 * - A structure that the library reads begins with its size. The function with the same name and `_init`
 *   writes the size and the defaults.
 * - A pointer may be NULL where it is said, and is told otherwise: M26PAY_NULL_POINTER. One that is not
 *   NULL points to what its type says, which nobody else changes while the call lasts: no library can
 *   check that.
 * - A callback may not throw and may not leave by longjmp.
 * - Functions may be called from any thread; what is said at m26pay_module holds. After fork a child may
 *   not use what its parent opened.
 */


#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// The product is live (正式上线).
#define M26PAY_ENV_PRODUCTION 0

// The product is being tested (产品内测).
#define M26PAY_ENV_TEST 4

// By a QR code.
#define M26PAY_VERIFY_QR_CODE 1

// By the face.
#define M26PAY_VERIFY_FACE 2

// By the phone number, with a message or a call.
#define M26PAY_VERIFY_PHONE 4

// By the voiceprint.
#define M26PAY_VERIFY_VOICEPRINT 8

// By NFC.
#define M26PAY_VERIFY_NFC 16

// By the fingerprint.
#define M26PAY_VERIFY_FINGERPRINT 32

// By the e-mail address.
#define M26PAY_VERIFY_EMAIL 64

// The trade did not measure how long it took.
#define M26PAY_NO_SECONDS UINT32_MAX

// For a time-out: for ever.
#define M26PAY_FOREVER UINT64_MAX

// What `m26_campus.h` defines.
typedef struct m26_campus_answer m26_campus_answer;

// What `m26_campus.h` defines.
typedef struct m26_campus_request m26_campus_request;

// What came of a call: `M26PAY_OK`, `M26PAY_NOTHING`, or the number of a failure, which is negative.
// Later versions may add numbers.
typedef int32_t m26pay_status;

// A text, in UTF-8: so many bytes, behind which no NUL need stand. NULL with a length of 0 is "none".
//
// One that the library is given is read while the call lasts. One that the library gives ends with a
// NUL that is not counted, and lives as long as the `memory` beside it, or the call of a callback.
typedef struct m26pay_str {
  // Its first byte.
  const char *data;
  // How many bytes it has.
  size_t length;
} m26pay_str;

// What the product is, as Ant has given it out. Begin with `m26pay_config_init`.
typedef struct m26pay_config {
  // The size of this structure, which `m26pay_config_init` writes.
  size_t size;
  // The number of the device's supplier, at most 32 bytes.
  struct m26pay_str device_supplier_no;
  // The merchant, at most 32 bytes.
  struct m26pay_str merchant_user_id;
  // The number of the product, at most 64 bytes.
  struct m26pay_str item_id;
  // The key of the product, at most 64 bytes. It is a secret.
  struct m26pay_str product_key;
  // Production or test: `M26PAY_ENV_TEST`.
  int32_t env;
  // The serial number of this terminal, at most 64 bytes, which no other terminal may have.
  struct m26pay_str terminal_id;
} m26pay_config;

// A module, as a client or a session reaches it. Commands are the same for both.
//
// A handle may be used from any thread, from one at a time: a call while another one is under way is
// `M26PAY_IN_USE`. A session that has a thread of its own serves any number of threads at once.
typedef struct m26pay_module {
  // For the library. 0 is no module.
  uint64_t id;
} m26pay_module;

// The memory of what the library gave. Everything with texts in it has one, and the texts live until it
// is freed.
typedef struct m26pay_memory {
  // For the library. 0 is no memory.
  uint64_t id;
} m26pay_memory;

// The configuration that a module has. A value that the module does not report is (NULL, 0). `memory` is
// to be freed by `m26pay_memory_free`.
typedef struct m26pay_stored_config {
  // The number of the module's supplier, which cannot be set.
  struct m26pay_str module_supplier_no;
  // The number of the device's supplier.
  struct m26pay_str device_supplier_no;
  // The merchant.
  struct m26pay_str merchant_user_id;
  // The number of the product.
  struct m26pay_str item_id;
  // The key of the product. It is a secret.
  struct m26pay_str product_key;
  // The serial number of the terminal.
  struct m26pay_str terminal_id;
  // Whether `env` is known.
  bool has_env;
  // Production or test.
  int32_t env;
  // Where the texts live.
  struct m26pay_memory memory;
} m26pay_stored_config;

// A text that the library gives. `memory` is to be freed by `m26pay_memory_free`.
typedef struct m26pay_string {
  // The text.
  struct m26pay_str text;
  // Where it lives.
  struct m26pay_memory memory;
} m26pay_string;

// Where the module holds a record that it accepted. It is held and not delivered: the SDK sends its cache
// later, and nothing tells when a record has arrived.
typedef int32_t m26pay_held;

// An amount of money in fen, a hundredth of a yuan.
typedef uint64_t m26pay_fen;

// How a trade ended.
typedef int32_t m26pay_trade_result;

// A report of a trade. Begin with `m26pay_report_init`.
typedef struct m26pay_report {
  // The size of this structure, which `m26pay_report_init` writes.
  size_t size;
  // The serial number of the trade (交易流水号), at most 64 bytes: none.
  struct m26pay_str business_no;
  // The payment code of the customer, at most 64 bytes: none. It is a secret.
  struct m26pay_str qr_code;
  // The amount, in fen, at most 2147483647: `M26PAY_NO_AMOUNT`, which is refused.
  m26pay_fen amount;
  // How long the trade took, in seconds: `M26PAY_NO_SECONDS`. Needed with a `business_no`.
  uint32_t time_consuming;
  // How the trade ended: `M26PAY_TRADE_UNAVAILABLE`.
  m26pay_trade_result trade_result;
  // When the trade took place, in Unix seconds: -1, which is refused.
  int64_t time_stamp;
} m26pay_report;

// How the customer pays, which decides what data is signed.
typedef int32_t m26pay_sign_mode;

// What is to be signed. Begin with `m26pay_sign_request_init`.
typedef struct m26pay_sign_request {
  // The size of this structure, which `m26pay_sign_request_init` writes.
  size_t size;
  // How the customer pays. There is no default.
  m26pay_sign_mode mode;
  // What is to be signed, at most 128 bytes. It is a secret.
  struct m26pay_str data;
  // The amount, in fen: `M26PAY_NO_AMOUNT`.
  m26pay_fen amount;
  // The bizTid that the signature has to name; (NULL, 0) does not look. A session knows its own.
  struct m26pay_str biz_tid;
  // Whether a signature is taken that does not cover the amount, 0 or 1: 0.
  uint8_t allow_unsigned_amount;
  // Whether a signature is taken that does not name the device, 0 or 1: 0.
  uint8_t allow_other_device;
} m26pay_sign_request;

// A command of the SDK.
typedef int32_t m26pay_verb;

// `m26_campus_abi` of `m26_campus.h`.
typedef uint32_t (*m26pay_campus_abi)(uint32_t *request_size, uint32_t *answer_size);

// `m26_campus_register` of `m26_campus.h`.
typedef int32_t (*m26pay_campus_register)(void (*clock)(uint64_t *time_now));

// `m26_campus_decode` of `m26_campus.h`.
typedef int32_t (*m26pay_campus_decode)(const struct m26_campus_request *request,
                                        struct m26_campus_answer *answer);

// How a pid is packed into the eight bytes that the decoder is given, which is not public.
typedef int32_t m26pay_pid_form;

// An outbox: a file in which reports and payments are kept until they are delivered. Any number of threads
// may use it at once.
typedef struct m26pay_outbox {
  // For the library. 0 is no outbox.
  uint64_t id;
} m26pay_outbox;

// How a checkout is made. Begin with `m26pay_checkout_options_init`.
typedef struct m26pay_checkout_options {
  // The size of this structure, which `m26pay_checkout_options_init` writes.
  size_t size;
  // The path of a shared library that was built from the template beside `m26_campus.h`; without (NULL,
  // 0), the three functions are called. It must keep to that header, and stays loaded.
  struct m26pay_str decoder_library;
  // `m26_campus_abi`, linked into the program: NULL.
  m26pay_campus_abi decoder_abi;
  // `m26_campus_register`: NULL.
  m26pay_campus_register decoder_register;
  // `m26_campus_decode`: NULL.
  m26pay_campus_decode decoder_decode;
  // Who accepts the codes.
  uint64_t pid;
  // How that is packed: `M26PAY_PID_U64`.
  m26pay_pid_form pid_form;
  // The path of the file in which used codes are kept, which is made if it is not there. It is not that of
  // the outbox.
  struct m26pay_str guard;
  // Where payments are recorded.
  struct m26pay_outbox outbox;
  // The greatest amount, in fen: `M26PAY_NO_AMOUNT`, which is no limit.
  m26pay_fen limit;
} m26pay_checkout_options;

// A checkout for campus codes. Any number of threads may use it at once.
typedef struct m26pay_checkout {
  // For the library. 0 is no checkout.
  uint64_t id;
} m26pay_checkout;

// A payment that was accepted and recorded: the till may say "paid". `memory` is to be freed by
// `m26pay_memory_free`.
typedef struct m26pay_paid {
  // Its number in the outbox.
  int64_t number;
  // Who has paid, for the screen, or (NULL, 0) if that cannot be read. It is personal data.
  struct m26pay_str name;
  // Where it lives.
  struct m26pay_memory memory;
} m26pay_paid;

// A language.
typedef int32_t m26pay_language;

// What an event is. Later versions may add kinds.
typedef int32_t m26pay_event_kind;

// Where a session stands. Later versions may add states.
typedef int32_t m26pay_session_state;

// Something that happened. `memory` is to be freed by `m26pay_memory_free`; in a callback it is not, and
// the texts live as long as the call.
typedef struct m26pay_event {
  // What it is.
  m26pay_event_kind kind;
  // Of a transition: where the session stood.
  m26pay_session_state from;
  // Of a transition: where it stands now.
  m26pay_session_state to;
  // How many events were missed.
  uint64_t count;
  // The event for a log. It holds no secret.
  struct m26pay_str text;
  // The line, as the module wrote it, which need not be UTF-8 and can hold personal data; (NULL, 0) if
  // the event has none.
  struct m26pay_str line;
  // Where the texts live.
  struct m26pay_memory memory;
} m26pay_event;

// What is known of a command that failed. For money this is what matters.
typedef int32_t m26pay_certainty;

// Why a call failed. It holds no secret: a log may show it. There is nothing in it to free.
typedef struct m26pay_error {
  // What the call returned.
  m26pay_status status;
  // What is known of the command.
  m26pay_certainty certainty;
  // Whether a number came with it, which is `code`.
  bool has_code;
  // The number of a `+CME ERROR` or `+CMS ERROR`, or the result code of the command.
  int32_t code;
  // What kind of failure it is, for programs, logs and manuals: words in lower case with hyphens, which
  // stay the same from version to version. Ends with NUL.
  char identifier[64];
  // What happened, what is known and what to do, in UTF-8; ends with NUL. A longer one is cut.
  char message[512];
  // How many bytes the whole message has.
  size_t message_length;
} m26pay_error;

// For whom a sentence is.
typedef int32_t m26pay_reader;

// Is told how far something is: in which step, and the text, which holds no secret, lives as long as the
// call. It may be NULL. It is called by the thread that called, which has the module in use meanwhile.
typedef void (*m26pay_progress)(const struct m26pay_str *text, void *user);

// How a module is brought up. Begin with `m26pay_bring_up_options_init`.
typedef struct m26pay_bring_up_options {
  // The size of this structure, which `m26pay_bring_up_options_init` writes.
  size_t size;
  // The access point of the SIM's operator; without (NULL, 0), the module's own setting stays.
  struct m26pay_str apn;
  // The account at the access point: none.
  struct m26pay_str user;
  // Its password: none. It is a secret.
  struct m26pay_str password;
  // The server that the module's clock is set from; without (NULL, 0), the clock is only read.
  struct m26pay_str time_server;
  // Is told how far it is: NULL.
  m26pay_progress progress;
  // What `progress` is called with.
  void *progress_user;
} m26pay_bring_up_options;

// The strength of the signal.
typedef struct m26pay_signal {
  // 0 to 31, or 99 if it is not known.
  uint8_t rssi;
  // The bit error rate, 0 to 7, or 99 if it is not known.
  uint8_t ber;
  // Whether `dbm` is known.
  bool known;
  // The strength in dBm, from -113 (or less) to -51 (or more).
  int32_t dbm;
} m26pay_signal;

// A registration of the module, and its cell.
typedef struct m26pay_registration {
  // The number of 3GPP TS 27.007, 7.2: 0 idle, 1 home, 2 searching, 3 denied, 4 unknown, 5 roaming.
  int32_t status;
  // Whether that is registered, at home or roaming.
  bool registered;
  // Whether the module names its cell.
  bool has_cell;
  // The location area code.
  uint32_t lac;
  // The identity of the cell.
  uint32_t ci;
} m26pay_registration;

// What a clock shows: the local time, and its offset from UTC.
typedef struct m26pay_clock {
  // The year. A clock that was never set may show 1980.
  uint16_t year;
  // 1 to 12.
  uint8_t month;
  // 1 to 31.
  uint8_t day;
  // 0 to 23.
  uint8_t hour;
  // 0 to 59.
  uint8_t minute;
  // 0 to 60.
  uint8_t second;
  // Whether the module says its zone, so that `zone` and `unix_seconds` are known.
  bool has_zone;
  // Quarters of an hour east of UTC (China: 32).
  int8_t zone;
  // The time in seconds since 1970 in UTC.
  int64_t unix_seconds;
} m26pay_clock;

// What was found while a module was brought up. `memory` is to be freed by `m26pay_memory_free`.
typedef struct m26pay_brought_up {
  // The model, such as "Quectel_M26".
  struct m26pay_str model;
  // The revision of the firmware.
  struct m26pay_str revision;
  // What was refused or not answered and no payment needs, one a line; none if all went well.
  struct m26pay_str shortfalls;
  // The strength of the signal.
  struct m26pay_signal signal;
  // The registration in the network, which calls need and payments do not.
  struct m26pay_registration gsm;
  // The registration for packet data.
  struct m26pay_registration gprs;
  // Whether the clock could be read.
  bool has_clock;
  // What the module's clock shows.
  struct m26pay_clock clock;
  // Whether the module finds its rate by itself, so that its restarts may go unseen.
  bool autobauds;
  // Where the texts live.
  struct m26pay_memory memory;
} m26pay_brought_up;

// What `m26pay_configure` did.
typedef int32_t m26pay_configured;

// How a module reports an error (AT+CMEE).
typedef int32_t m26pay_error_format;

// What a module is. `memory` is to be freed by `m26pay_memory_free`.
typedef struct m26pay_identity {
  // The manufacturer: "Quectel_Ltd".
  struct m26pay_str manufacturer;
  // The model: "Quectel_M26".
  struct m26pay_str model;
  // The revision of the firmware.
  struct m26pay_str revision;
  // Where they live.
  struct m26pay_memory memory;
} m26pay_identity;

// Of what a registration is.
typedef int32_t m26pay_network;

// The state of the network.
typedef struct m26pay_network_status {
  // The registration in the network.
  struct m26pay_registration gsm;
  // The registration for packet data, which is all that payments need.
  struct m26pay_registration gprs;
  // The strength of the signal.
  struct m26pay_signal signal;
} m26pay_network_status;

// The answer to a line of one's own. It can hold personal data. `memory` is to be freed by
// `m26pay_memory_free`.
typedef struct m26pay_raw_answer {
  // The lines before the final result, as the module wrote them, which need not be UTF-8. Behind each
  // is a line feed.
  struct m26pay_str lines;
  // How many lines that are.
  size_t count;
  // Where they live.
  struct m26pay_memory memory;
} m26pay_raw_answer;

// The state of a SIM.
typedef int32_t m26pay_sim_state;

// The state of the SIM. `memory` is to be freed by `m26pay_memory_free`.
typedef struct m26pay_sim {
  // The state.
  m26pay_sim_state state;
  // The text of the line, such as "SIM PIN".
  struct m26pay_str text;
  // Where it lives.
  struct m26pay_memory memory;
} m26pay_sim;

// The manners of a module's firmware.
typedef int32_t m26pay_profile;

// What is known of a program that was at this port before.
typedef int32_t m26pay_earlier;

// How a client is opened. Begin with `m26pay_client_options_init`.
typedef struct m26pay_client_options {
  // The size of this structure, which `m26pay_client_options_init` writes.
  size_t size;
  // The path of the port, such as "/dev/ttyUSB0"; or "usb:VID:PID[:SERIAL]", the numbers in hexadecimal.
  struct m26pay_str port;
  // The rate, in baud: 115200.
  uint32_t baud;
  // The manners of the firmware: `M26PAY_PROFILE_QUECTEL`.
  m26pay_profile profile;
  // Whether the module has to answer before `m26pay_client_open` returns, 0 or 1: 1.
  uint8_t synchronise;
  // What is known of a program that was at this port before: `M26PAY_EARLIER_UNKNOWN`. Until
  // `m26pay_open` says that the SDK was closed, a signature waits 40 s then, and a report 120 s.
  m26pay_earlier earlier;
} m26pay_client_options;

// What is sent again when the module was reset, or its cache discarded, before the SDK was shut in order.
typedef int32_t m26pay_resend;

// How an outbox is opened. Begin with `m26pay_outbox_options_init`.
typedef struct m26pay_outbox_options {
  // The size of this structure, which `m26pay_outbox_options_init` writes.
  size_t size;
  // The path of the file, which is made if it is not there.
  struct m26pay_str path;
  // How many items of a kind may wait: 100000. 0 is no limit.
  uint64_t waiting_limit;
  // Whether the oldest report is dropped where the limit is reached, 0 or 1: 0, an append fails then.
  uint8_t drop_oldest;
  // What is sent again when the module may have lost it: `M26PAY_RESEND_RAM_ONLY`.
  m26pay_resend resend;
  // Another number for each terminal, such as its serial number, so that not all try again at once: 0.
  uint64_t seed;
} m26pay_outbox_options;

// How many items there are of a kind, by their states.
typedef struct m26pay_counts {
  // Those that wait to be delivered.
  uint64_t pending;
  // Those whose delivery is under way.
  uint64_t sending;
  // Those that were delivered.
  uint64_t held;
  // Those that the module holds in memory alone.
  uint64_t ram_only;
  // Those that failed for too long.
  uint64_t parked;
  // Those that were refused for good.
  uint64_t rejected;
  // Those whose trade is under way.
  uint64_t announced;
  // Those whose last moment passed.
  uint64_t expired;
  // Those whose trade is an open order.
  uint64_t ordered;
} m26pay_counts;

// What is in an outbox.
typedef struct m26pay_summary {
  // The reports.
  struct m26pay_counts reports;
  // The payments.
  struct m26pay_counts payments;
  // How many reports the session has still to send.
  uint64_t due;
  // How many reports were dropped because of a limit, ever.
  uint64_t dropped;
  // Voice broadcasts that were counted and not reported.
  uint64_t broadcasts;
  // Scans that were counted and not reported.
  uint64_t scans;
} m26pay_summary;

// The state of an item. Each is a bit, so that several can be asked for. Later versions may add states.
typedef uint32_t m26pay_item_state;

// A report in an outbox. `memory` is to be freed by `m26pay_memory_free`.
typedef struct m26pay_stored_report {
  // Its number.
  int64_t number;
  // Its state.
  m26pay_item_state state;
  // When it was appended, in milliseconds since 1970.
  int64_t added;
  // How often it was sent.
  uint32_t attempts;
  // How often it failed in a row.
  uint32_t failures;
  // The amount, in fen.
  m26pay_fen amount;
  // How long the trade took, in seconds, or `M26PAY_NO_SECONDS`.
  uint32_t time_consuming;
  // How the trade ended.
  m26pay_trade_result trade_result;
  // When the trade took place, in Unix seconds.
  int64_t time_stamp;
  // The serial number of the trade, or (NULL, 0). It is personal data.
  struct m26pay_str business_no;
  // Where it lives.
  struct m26pay_memory memory;
} m26pay_stored_report;

// A payment that a checkout accepted. `memory` is to be freed by `m26pay_memory_free`.
typedef struct m26pay_campus_payment {
  // Its number in the outbox.
  int64_t number;
  // The amount, in fen.
  m26pay_fen amount;
  // When it was accepted, in milliseconds since 1970.
  int64_t accepted;
  // The till's own name for it, or (NULL, 0).
  struct m26pay_str reference;
  // What is sent on, as bytes. It is a secret, as are the next two.
  struct m26pay_str final_data;
  // What is sent on, in hexadecimal, with small letters.
  struct m26pay_str final_data_hex;
  // What is sent on, in base64.
  struct m26pay_str final_data_base64;
  // Where they live.
  struct m26pay_memory memory;
} m26pay_campus_payment;

// What came of bringing a payment to the server.
typedef int32_t m26pay_upload;

// Why a drain ended.
typedef int32_t m26pay_drain_end;

// What a drain has done.
typedef struct m26pay_drained {
  // Reports that the module took and holds.
  uint64_t held;
  // Reports that the module took and holds in memory alone.
  uint64_t ram_only;
  // Reports that failed for too long and stepped aside.
  uint64_t parked;
  // Reports that were refused for good.
  uint64_t rejected;
  // Reports that are still pending.
  uint64_t left;
  // Why it ended.
  m26pay_drain_end end;
} m26pay_drained;

// What happened to a module that a client reaches. A session tells its outbox by itself.
typedef int32_t m26pay_module_notice;

// What becomes of the reports that the module may hold: a change of its configuration discards them.
typedef int32_t m26pay_held_reports;

// How a session may restart the module.
typedef int32_t m26pay_restart;

// Restarts the module: 1 if it did, 0 if it cannot, -1 if it failed. It is called by the thread that works
// for the session, and may not call this library.
typedef int32_t (*m26pay_restart_host)(void *user);

// What a session is to do, and what it may. Begin with `m26pay_session_options_init`.
typedef struct m26pay_session_options {
  // The size of this structure, which `m26pay_session_options_init` writes.
  size_t size;
  // The path of the port, such as "/dev/serial/by-id/..."; or "usb:VID:PID[:SERIAL]", the numbers in
  // hexadecimal, for an adapter whose path may change.
  struct m26pay_str port;
  // The rate, in baud: 115200.
  uint32_t baud;
  // The manners of the firmware: `M26PAY_PROFILE_QUECTEL`.
  m26pay_profile profile;
  // What the session is called in the log: "m26".
  struct m26pay_str name;
  // What the product is, which is set only if it differs: NULL, which leaves the module as it is.
  const struct m26pay_config *config;
  // What becomes of reports that the module may hold if the configuration differs:
  // `M26PAY_HELD_REPORTS_KEEP`.
  m26pay_held_reports held_reports;
  // How the device verifies its customers, the sum of `M26PAY_VERIFY_...`: `M26PAY_VERIFY_QR_CODE`; 0
  // reports nothing.
  uint32_t human_verify;
  // The access point of the SIM's operator; without (NULL, 0), the module's own setting stays.
  struct m26pay_str apn;
  // The account at the access point: none.
  struct m26pay_str user;
  // Its password: none. It is a secret.
  struct m26pay_str password;
  // The server that the module's clock is set from; without (NULL, 0), the clock is only read.
  struct m26pay_str time_server;
  // How the module may be restarted: `M26PAY_RESTART_RESET`.
  m26pay_restart restart;
  // Restarts the module, for `M26PAY_RESTART_HOST`: NULL.
  m26pay_restart_host restart_host;
  // What `restart_host` is called with.
  void *restart_user;
  // What is known of a program that was at this port before: `M26PAY_EARLIER_UNKNOWN`.
  m26pay_earlier earlier;
  // A module that said nothing for so many milliseconds is asked whether it still answers; 0 never asks.
  uint64_t keep_alive;
  // After how many restarts in a row the session gives up.
  uint32_t restart_limit;
} m26pay_session_options;

// How far a shut-down goes.
typedef int32_t m26pay_shut_down;

// How often bytes from the module were lost or damaged on their way since a session began, as the driver
// of the port has counted it; all 0 if it does not count. The names are those of Linux
// (`struct serial_icounter_struct`).
typedef struct m26pay_input_errors {
  // The chip had no room for a byte.
  uint32_t overrun;
  // The kernel had no room for bytes.
  uint32_t buf_overrun;
  // A byte did not end as it must: noise, or another baud rate.
  uint32_t frame;
  // A byte with a wrong parity bit.
  uint32_t parity;
  // The line was low for longer than a byte.
  uint32_t brk;
} m26pay_input_errors;

// How often things happened since a session began.
typedef struct m26pay_counters {
  // Commands that callers have sent.
  uint64_t commands;
  // Of these, the ones that failed.
  uint64_t failures;
  // Commands that were not let through.
  uint64_t not_allowed;
  // Lines that belong to no command.
  uint64_t urcs;
  // Answers that came too late.
  uint64_t late;
  // Results that nothing asked for.
  uint64_t strays;
  // Events that were dropped.
  uint64_t missed;
  // Restarts of the module that were seen.
  uint64_t resets;
  // Restarts of the module that the session made.
  uint64_t restarts;
  // How often the module fell silent.
  uint64_t silences;
  // How often the port was lost.
  uint64_t disconnects;
  // How often the port was opened.
  uint64_t connects;
  // How often the session became ready.
  uint64_t ready;
} m26pay_counters;

// How a session is: a copy that is out of date the moment it is made. It holds no secret. `memory` is to be
// freed by `m26pay_memory_free`.
typedef struct m26pay_health {
  // Where the session stands.
  m26pay_session_state state;
  // The model and firmware of the module, once it was asked; else (NULL, 0).
  struct m26pay_str module;
  // The last error, whoever met it; (NULL, 0) if there was none.
  struct m26pay_str last_error;
  // The strength of the signal when it was last asked for.
  struct m26pay_signal signal;
  // The registration in the network, as last heard.
  struct m26pay_registration gsm;
  // The registration for packet data, as last heard.
  struct m26pay_registration gprs;
  // Whether the bizTid is known.
  bool identified;
  // Whether the module may hold reports that were not delivered.
  bool may_hold_reports;
  // What was lost or damaged on the line.
  struct m26pay_input_errors input_errors;
  // How often things happened.
  struct m26pay_counters counters;
  // Where the texts live.
  struct m26pay_memory memory;
} m26pay_health;

// Is told an event, which lives as long as the call. A thread of the library calls it. It may call this
// library, but not `m26pay_module_free` or `m26pay_session_on_event` for the same module:
// `M26PAY_WRONG_THREAD`.
typedef void (*m26pay_event_callback)(const struct m26pay_event *event, void *user);

// In the cache.
#define M26PAY_HELD_STORED 0

// In memory alone: a restart of the module loses it.
#define M26PAY_HELD_RAM_ONLY 1

// The outcome could not be obtained.
#define M26PAY_TRADE_UNAVAILABLE -1

// Success. The report needs a `business_no`.
#define M26PAY_TRADE_SUCCESS 0

// The trade timed out.
#define M26PAY_TRADE_TIMEOUT 1

// The trade came back as failed.
#define M26PAY_TRADE_FAILED 2

// The payment is being processed.
#define M26PAY_TRADE_PROCESSING 3

// A network error.
#define M26PAY_TRADE_NETWORK_ERROR 4

// An unknown error.
#define M26PAY_TRADE_UNKNOWN 5

// A trade of a kind that is not supported, one not paid by Alipay among them: without `business_no`.
#define M26PAY_TRADE_UNSUPPORTED 6

// 用户被扫: the payment code that the customer shows (16 to 24 digits).
#define M26PAY_SIGN_PAYER_CODE 1

// 用户人脸: the token of the customer's face.
#define M26PAY_SIGN_FACE 2

// 用户主扫: the trade number behind a code that the customer scanned.
#define M26PAY_SIGN_PAYER_SCANS 3

// 第三方代扣: the number of a withholding agreement.
#define M26PAY_SIGN_WITHHOLDING 4

// No amount is signed.
#define M26PAY_NO_AMOUNT UINT64_MAX

// AT+ALIPAYCFG
#define M26PAY_VERB_CONFIG 0

// AT+ALIPAYOPEN
#define M26PAY_VERB_OPEN 1

// AT+ALIPAYPINFO
#define M26PAY_VERB_PRODUCT_INFO 2

// AT+ALIPAYSHUT
#define M26PAY_VERB_SHUT 3

// AT+ALIPAYDID
#define M26PAY_VERB_DEVICE_ID 4

// AT+ALIPAYSIGN
#define M26PAY_VERB_SIGN 5

// AT+ALIPAYREP
#define M26PAY_VERB_REPORT 6

// AT+ALIPAYACT
#define M26PAY_VERB_USAGE 7

// As an unsigned integer of 64 bits, the greatest byte first.
#define M26PAY_PID_U64 0

// As 16 decimal digits of four bits each, the first digit first.
#define M26PAY_PID_BCD 1

// Of a kind that this version has no number for: the text says what it is.
#define M26PAY_EVENT_OTHER 0

// So many events, `count`, were dropped because nobody read them.
#define M26PAY_EVENT_MISSED 1

// A line that belongs to no command.
#define M26PAY_EVENT_URC 2

// The answer to a command that had ended before. It is given to no command.
#define M26PAY_EVENT_LATE 3

// A result that nothing asked for.
#define M26PAY_EVENT_STRAY 4

// A line that somebody else wrote, such as a short message: what it says means nothing.
#define M26PAY_EVENT_TEXT 5

// A line that cannot be read.
#define M26PAY_EVENT_MALFORMED 6

// The module was reset: the SDK is closed. A session makes it ready again.
#define M26PAY_EVENT_RESET 7

// The module answers nothing any more.
#define M26PAY_EVENT_SILENT 8

// Bytes from the module were lost or damaged on their way; the text says how many.
#define M26PAY_EVENT_INPUT_ERRORS 9

// How far a session is on its way to ready.
#define M26PAY_EVENT_PROGRESS 10

// A session went `from` one state `to` another.
#define M26PAY_EVENT_TRANSITION 11

// Somebody should look at it; the session goes on.
#define M26PAY_EVENT_WARNING 12

// There is no port; it is opened (again) after a while.
#define M26PAY_STATE_DISCONNECTED 0

// The port is being opened.
#define M26PAY_STATE_CONNECTING 1

// The module is called.
#define M26PAY_STATE_SYNCHRONISING 2

// SIM, signal, network and clock are waited for.
#define M26PAY_STATE_BRINGING_UP 3

// The SDK's configuration is read, and set if it may be.
#define M26PAY_STATE_CONFIGURING 4

// The SDK is started.
#define M26PAY_STATE_OPENING 5

// The SDK is open; the bizTid is waited for, or the result of an earlier signature.
#define M26PAY_STATE_IDENTIFYING 6

// Payments can be signed and reported.
#define M26PAY_STATE_READY 7

// The SDK is being closed, as the caller wanted.
#define M26PAY_STATE_SHUTTING_DOWN 8

// The SDK is closed, as the caller wanted. Nothing happens by itself any more.
#define M26PAY_STATE_SHUT 9

// The module is restarted.
#define M26PAY_STATE_RESTARTING 10

// Given up. A restart of the module, a lost port or `m26pay_session_resume` leads out of it.
#define M26PAY_STATE_FAILED 11

// A state that this version has no number for.
#define M26PAY_STATE_OTHER 12

// For the cashier: what happened, and what to do at the till, without a technical word.
#define M26PAY_FOR_CASHIER 0

// For the technician: the cause and the remedy.
#define M26PAY_FOR_TECHNICIAN 1

// English.
#define M26PAY_ENGLISH 0

// Chinese, in simplified characters.
#define M26PAY_CHINESE 1

// All values were there already: nothing was set.
#define M26PAY_CONFIGURED_UNCHANGED 0

// All values were set, and read back as they should be. The SDK discarded what it held.
#define M26PAY_CONFIGURED_SET 1

// All values were set, and the module shows something else for some.
#define M26PAY_CONFIGURED_DIFFERS 2

// `ERROR` alone.
#define M26PAY_ERROR_FORMAT_PLAIN 0

// `+CME ERROR: 10`: the module's default.
#define M26PAY_ERROR_FORMAT_NUMERIC 1

// `+CME ERROR: SIM not inserted`.
#define M26PAY_ERROR_FORMAT_TEXT 2

// Of the network, which calls need and payments do not (AT+CREG?).
#define M26PAY_NETWORK_GSM 0

// Of packet data (AT+CGREG?).
#define M26PAY_NETWORK_GPRS 1

// No PIN or PUK is needed.
#define M26PAY_SIM_READY 0

// There is none.
#define M26PAY_SIM_NOT_INSERTED 1

// It has not come up yet.
#define M26PAY_SIM_NOT_READY 2

// It waits for its PIN.
#define M26PAY_SIM_PIN 3

// It waits for its second PIN.
#define M26PAY_SIM_PIN2 4

// It waits for its PUK.
#define M26PAY_SIM_PUK 5

// It waits for its second PUK.
#define M26PAY_SIM_PUK2 6

// The text says which.
#define M26PAY_SIM_OTHER 7

// Nothing: it may have died while the module worked for it.
#define M26PAY_EARLIER_UNKNOWN 0

// It had all its answers, or there was none.
#define M26PAY_EARLIER_ENDED 1

// As the spec has it.
#define M26PAY_PROFILE_QUECTEL 0

// As openLuat's driver has it.
#define M26PAY_PROFILE_LUAT 1

// Nothing.
#define M26PAY_RESEND_NOTHING 0

// What the module held in memory alone, which a reset is known to lose.
#define M26PAY_RESEND_RAM_ONLY 1

// Everything that was taken in this boot; some of it may reach the cloud twice.
#define M26PAY_RESEND_THIS_BOOT 2

// It waits to be delivered.
#define M26PAY_ITEM_PENDING 1

// Its delivery is under way.
#define M26PAY_ITEM_SENDING 2

// It was delivered: the module holds the report, the server has the payment.
#define M26PAY_ITEM_HELD 4

// The module holds the report in memory alone.
#define M26PAY_ITEM_RAM_ONLY 8

// It failed for too long and stepped aside.
#define M26PAY_ITEM_PARKED 16

// It was refused for good.
#define M26PAY_ITEM_REJECTED 32

// The trade is under way, and how it ends is not known yet.
#define M26PAY_ITEM_ANNOUNCED 64

// Its last moment passed before it was delivered.
#define M26PAY_ITEM_EXPIRED 128

// The trade is an open order of the journal.
#define M26PAY_ITEM_ORDERED 256

// The server has it, from now or from before.
#define M26PAY_UPLOAD_DONE 0

// It failed, perhaps by its own fault: it is tried again, and parked if it fails for too long.
#define M26PAY_UPLOAD_FAILED 1

// The server refuses it for good.
#define M26PAY_UPLOAD_REFUSED 2

// It is not known whether the server has it: it is tried again.
#define M26PAY_UPLOAD_UNKNOWN 3

// The server could not be reached: it is tried again until its last moment.
#define M26PAY_UPLOAD_UNREACHABLE 4

// Nothing is pending any more.
#define M26PAY_DRAIN_EMPTY 0

// The time it was given is over.
#define M26PAY_DRAIN_OUT_OF_PATIENCE 1

// The SDK is not initialised: open it again and drain again.
#define M26PAY_DRAIN_NOT_INITIALISED 2

// The port went away.
#define M26PAY_DRAIN_DISCONNECTED 3

// For a reason that this version has no number for.
#define M26PAY_DRAIN_OTHER 4

// `m26pay_open` opened the SDK now.
#define M26PAY_MODULE_OPENED 0

// `m26pay_open` found it open already.
#define M26PAY_MODULE_OPEN_ALREADY 1

// `m26pay_shut` was confirmed.
#define M26PAY_MODULE_CLOSED 2

// The module was reset, or is going off.
#define M26PAY_MODULE_RESTARTED 3

// The configuration is about to be changed, which has the SDK discard what it holds.
#define M26PAY_MODULE_CACHE_DISCARDED 4

// Not at all: the session fails, and says that the module needs a restart.
#define M26PAY_RESTART_NEVER 0

// By the program, such as with a GPIO line to RESET or PWRKEY: `restart_host` does it.
#define M26PAY_RESTART_HOST 1

// By AT+QPOWD=1. For boards whose PWRKEY is held low, so that a module that went off comes back.
#define M26PAY_RESTART_POWER_OFF 2

// By AT+CFUN=1,1, which restarts a module that stays powered.
#define M26PAY_RESTART_RESET 3

// The SDK is closed, and the module stays on.
#define M26PAY_SHUT_DOWN_SDK 0

// The SDK is closed, if it is open, and the module is switched off.
#define M26PAY_SHUT_DOWN_POWER_OFF 1

// The change is refused if the module may hold reports.
#define M26PAY_HELD_REPORTS_KEEP 0

// The change is made, and what the module holds is lost.
#define M26PAY_HELD_REPORTS_DISCARD 1

// It succeeded.
#define M26PAY_OK 0

// It succeeded, and there is nothing to give: no event came in that time, the device has no bizTid yet.
#define M26PAY_NOTHING 1

// A pointer is NULL that must not be.
#define M26PAY_NULL_POINTER -1

// The handle was freed, or never given.
#define M26PAY_STALE_HANDLE -2

// The handle is of another kind, or the call is not for this kind of module: client, session.
#define M26PAY_WRONG_KIND -3

// Another thread is using the handle.
#define M26PAY_IN_USE -4

// The call would wait for the thread that makes it: it was made from within a callback.
#define M26PAY_WRONG_THREAD -5

// A length or a `size` is not what it can be.
#define M26PAY_WRONG_LENGTH -6

// A text is not UTF-8.
#define M26PAY_NOT_UTF8 -7

// A pointer is not aligned for what it points to.
#define M26PAY_MISALIGNED -8

// A number stands for nothing that this version knows.
#define M26PAY_UNKNOWN_VALUE -9

// A fault in the library. Please report it.
#define M26PAY_PANIC -10

// The command cannot begin now: wait, and send it again.
#define M26PAY_BUSY -20

// The port went away.
#define M26PAY_DISCONNECTED -21

// The module was reset.
#define M26PAY_INTERRUPTED -22

// An argument is not valid, or cannot be sent.
#define M26PAY_INVALID -23

// The port failed.
#define M26PAY_IO -24

// The answer cannot be read.
#define M26PAY_MALFORMED -25

// The answer belongs to another request.
#define M26PAY_MISMATCH -26

// The module ended the command with an error.
#define M26PAY_REFUSED -27

// The result code of the command is no success.
#define M26PAY_RESULT -28

// A deadline passed.
#define M26PAY_TIMED_OUT -29

// A failure of a kind that this version does not know.
#define M26PAY_OTHER -39

// What was to be kept is NOT on disk. Nothing else has changed.
#define M26PAY_NOT_SAFE -40

// The outbox takes no more: what was to be kept is NOT on disk.
#define M26PAY_LIMIT -41

// There is no item with this number.
#define M26PAY_MISSING -42

// The item is in a state in which this cannot be done.
#define M26PAY_WRONG_STATE -43

// Another drain, or a session, sends what is in the outbox already.
#define M26PAY_DRAINING -44

// Another program has the file open, or this one has already.
#define M26PAY_FILE_IN_USE -45

// The file is damaged, of another kind or of a newer format. It was left as it is.
#define M26PAY_FILE_UNUSABLE -46

// The disk is full.
#define M26PAY_DISK_FULL -47

// The file cannot be read or written.
#define M26PAY_FILE_IO -48

// The code was used already. Nothing was recorded now.
#define M26PAY_CODE_USED -60

// The code was not accepted. Nothing was recorded.
#define M26PAY_CODE_REFUSED -61

// The decoder of campus codes cannot be used.
#define M26PAY_DECODER -62

// No byte of it was sent: it was not carried out.
#define M26PAY_CERTAINTY_NOT_SENT 0

// The module says that it did not do it.
#define M26PAY_CERTAINTY_REFUSED 1

// It may have been carried out.
#define M26PAY_CERTAINTY_UNKNOWN 2

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Writes the defaults: no texts, a product that is being tested.
m26pay_status m26pay_config_init(struct m26pay_config *config);

// AT+ALIPAYCFG: sets all values. If one of them differs from what the module has, the SDK discards all that
// it holds, the bizTid and the reports that were not delivered yet (3.1, note 4): `m26pay_configure` looks
// first.
m26pay_status m26pay_set_config(struct m26pay_module module,
                                const struct m26pay_config *config);

// AT+ALIPAYCFG?: the configuration that the module has. `config->memory` is to be freed.
m26pay_status m26pay_read_config(struct m26pay_module module, struct m26pay_stored_config *config);

// AT+ALIPAYCFG?: whether the module has another configuration than this one, so that setting it would have the
// SDK discard what it holds. A module that was never configured holds nothing: that is false.
m26pay_status m26pay_config_differs(struct m26pay_module module,
                                    const struct m26pay_config *config,
                                    bool *differs);

// AT+ALIPAYDID: the identity that Alipay gave the device (bizTid). `biz_tid->memory` is to be freed.
// `M26PAY_NOTHING` if there is none yet: ask again later.
m26pay_status m26pay_device_id(struct m26pay_module module,
                               struct m26pay_string *biz_tid);

// AT+ALIPAYOPEN: opens the SDK. `already` is whether it was open before; it may be NULL.
m26pay_status m26pay_open(struct m26pay_module module, bool *already);

// AT+ALIPAYSHUT: closes the SDK, which saves what it holds.
m26pay_status m26pay_shut(struct m26pay_module module);

// AT+ALIPAYPINFO: how the device verifies its customers, the sum of `M26PAY_VERIFY_...`. `held` is where
// the module holds the record; it may be NULL.
m26pay_status m26pay_product_info(struct m26pay_module module,
                                  uint32_t human_verify,
                                  m26pay_held *held);

// Writes the defaults. Amount and time have to be given.
m26pay_status m26pay_report_init(struct m26pay_report *report);

// AT+ALIPAYREP: gives the module a report, which the SDK sends later. `held` is where the module holds
// it; it may be NULL. A report that must not be lost goes through an outbox: `m26pay_outbox_append`.
m26pay_status m26pay_send_report(struct m26pay_module module,
                                 const struct m26pay_report *report,
                                 m26pay_held *held);

// AT+ALIPAYREP?: how many records the SDK's queue takes. How many wait in it cannot be asked.
m26pay_status m26pay_report_queue(struct m26pay_module module, uint32_t *max_record);

// Writes the defaults: nothing to sign, no amount.
m26pay_status m26pay_sign_request_init(struct m26pay_sign_request *request);

// AT+ALIPAYSIGN: has the SDK sign a payment. `signed_data` is what Alipay's payment call takes as it is
// (`terminal_params`); it is a secret, and `signed_data->memory` is to be freed.
//
// A signature that did not come is no reason against the next one: what comes late is told from it by the
// module's clock, and is given to nobody.
m26pay_status m26pay_sign(struct m26pay_module module,
                          const struct m26pay_sign_request *request,
                          struct m26pay_string *signed_data);

// The test form of a command, such as AT+ALIPAYCFG=?: whether the firmware has it.
m26pay_status m26pay_test(struct m26pay_module module, m26pay_verb verb);

// AT+ALIPAYACT: how many voice broadcasts there were, and how many codes were scanned, since the last time.
// `held` is where the module holds the record; it may be NULL.
m26pay_status m26pay_report_usage(struct m26pay_module module,
                                  uint32_t broadcasts,
                                  uint32_t scans,
                                  m26pay_held *held);

// Writes the defaults: no decoder, no files, no limit.
m26pay_status m26pay_checkout_options_init(struct m26pay_checkout_options *options);

// Makes a checkout. `checkout` is to be freed by `m26pay_checkout_free`.
m26pay_status m26pay_checkout_new(const struct m26pay_checkout_options *options,
                                  struct m26pay_checkout *checkout);

// Takes the bytes of a scanned code, which are never a text, for a sale. It is accepted and recorded when
// this returns `M26PAY_OK`, and only then. `reference` is the till's own name for the sale, at most 64
// bytes, or (NULL, 0). `paid->memory` is to be freed.
//
// If it is not accepted, `cashier` is a sentence or two for the screen in the `language`, and
// `cashier->memory` is to be freed; it may be NULL. `M26PAY_CODE_USED` if the code was used already; no money is taken either way.
m26pay_status m26pay_checkout_accept(struct m26pay_checkout checkout,
                                     const uint8_t *code,
                                     size_t length,
                                     m26pay_fen amount,
                                     struct m26pay_str reference,
                                     struct m26pay_paid *paid,
                                     m26pay_language language,
                                     struct m26pay_string *cashier);

// Frees a checkout. No checkout (`id` 0) is freed as NULL is by `free`: nothing happens.
m26pay_status m26pay_checkout_free(struct m26pay_checkout checkout);

// The next event of a client or a session: waits at most so many milliseconds, or `M26PAY_FOREVER`.
// `M26PAY_NOTHING` if there was none. `event->memory` is to be freed.
//
// A client, and a session without a thread of its own, work while they wait; 0 takes what is there.
m26pay_status m26pay_next_event(struct m26pay_module module,
                                uint64_t milliseconds,
                                struct m26pay_event *event);

// Gives why the last call of this thread that failed did so. `M26PAY_NOTHING` if none has failed.
m26pay_status m26pay_last_error(struct m26pay_error *error);

// Gives what to do about the last call of this thread that failed: a sentence or a few, without a secret.
// `advice->memory` is to be freed. `M26PAY_NOTHING` if none has failed, or if it is the program's fault:
// the message says then what to change in it.
m26pay_status m26pay_last_advice(m26pay_reader reader,
                                 m26pay_language language,
                                 struct m26pay_string *advice);

// Writes the defaults.
m26pay_status m26pay_bring_up_options_init(struct m26pay_bring_up_options *options);

// Takes a module that has just been switched on into the network, and sets its clock. Only what a payment
// needs makes it fail. `found->memory` is to be freed; `found` may be NULL.
m26pay_status m26pay_bring_up(struct m26pay_module module,
                              const struct m26pay_bring_up_options *options,
                              struct m26pay_brought_up *found);

// Reads the configuration that the module has, and sets all of it if a value differs, which has the SDK
// discard what it holds. `configured` is what was done; it may be NULL.
m26pay_status m26pay_configure(struct m26pay_module module,
                               const struct m26pay_config *config,
                               m26pay_configured *configured);

// The version of the library, such as "0.1.0": ends with NUL, is never freed.
const char *m26pay_version(void);

// AT: whether the module answers.
m26pay_status m26pay_at(struct m26pay_module module);

// ATE: whether the module echoes what it is sent, 0 or 1.
m26pay_status m26pay_set_echo(struct m26pay_module module, uint8_t on);

// Has the module give results as words, as this library reads them.
m26pay_status m26pay_reset_result_format(struct m26pay_module module);

// AT+CMEE: how the module reports an error.
m26pay_status m26pay_set_error_format(struct m26pay_module module, m26pay_error_format format);

// AT+CMEE?: how the module reports an error.
m26pay_status m26pay_get_error_format(struct m26pay_module module, m26pay_error_format *format);

// AT+IPR: the rate at which the module talks from now on, in baud; 0 has it find the rate by itself. The
// port keeps its rate: open it again with the new one.
m26pay_status m26pay_set_baud(struct m26pay_module module,
                              uint32_t baud);

// AT+IPR?: the rate of the module, in baud; 0 if it finds it by itself.
m26pay_status m26pay_get_baud(struct m26pay_module module, uint32_t *baud);

// AT&W: the module keeps its settings, such as its rate, through a restart.
m26pay_status m26pay_save_profile(struct m26pay_module module);

// AT+CCLK?: what the module's clock shows.
m26pay_status m26pay_read_clock(struct m26pay_module module, struct m26pay_clock *clock);

// AT+QNTTP: sets the module's clock from a time server; without one (NULL, 0) the module takes its own.
// It needs the network, and may take two minutes.
m26pay_status m26pay_sync_clock(struct m26pay_module module,
                                struct m26pay_str server);

// AT+QIFGCNT: selects the context, 0 or 1; 0 as in the spec.
m26pay_status m26pay_select_context(struct m26pay_module module, uint8_t context);

// AT+QICSGP: sets the access point of the SIM's operator, with an account if it needs one: `user` and
// `password` are both given or both (NULL, 0).
m26pay_status m26pay_set_access_point(struct m26pay_module module,
                                      struct m26pay_str apn,
                                      struct m26pay_str user,
                                      struct m26pay_str password);

// ATI: what the module is. `identity->memory` is to be freed.
m26pay_status m26pay_read_identity(struct m26pay_module module, struct m26pay_identity *identity);

// AT+GSN: the serial number of the module, 15 digits. `imei->memory` is to be freed.
m26pay_status m26pay_read_imei(struct m26pay_module module, struct m26pay_string *imei);

// AT+CIMI: the identity of the subscriber, which is personal data. `imsi->memory` is to be freed.
m26pay_status m26pay_read_imsi(struct m26pay_module module, struct m26pay_string *imsi);

// AT+CCID: the number of the SIM card, which is personal data. `iccid->memory` is to be freed.
m26pay_status m26pay_read_iccid(struct m26pay_module module, struct m26pay_string *iccid);

// AT+CREG? or AT+CGREG?: how the module is registered.
m26pay_status m26pay_read_registration(struct m26pay_module module,
                                       m26pay_network network,
                                       struct m26pay_registration *registration);

// Both registrations and the signal, with one line.
m26pay_status m26pay_read_network_status(struct m26pay_module module,
                                         struct m26pay_network_status *status);

// AT+QPOWD: switches the module off. With `urgent` (0 or 1) at once, without leaving the network; without,
// the module saves what it has to. `m26pay_shut` comes before, so that the SDK saves what it holds.
m26pay_status m26pay_power_off(struct m26pay_module module,
                               uint8_t urgent);

// AT+CFUN=1,1: restarts the module.
m26pay_status m26pay_reset(struct m26pay_module module);

// Sends a line as it is, such as "AT+CSQ", and gives what comes until the final result `OK`.
// `answer->memory` is to be freed.
m26pay_status m26pay_send_raw(struct m26pay_module module,
                              struct m26pay_str line,
                              struct m26pay_raw_answer *answer);

// AT+CSQ: the strength of the signal.
m26pay_status m26pay_signal_quality(struct m26pay_module module, struct m26pay_signal *signal);

// AT+CPIN?: the state of the SIM. `sim->memory` is to be freed.
m26pay_status m26pay_read_sim(struct m26pay_module module, struct m26pay_sim *sim);

// Frees the texts of an answer. They are overwritten before. No memory (`id` 0) is freed as NULL is
// by `free`: nothing happens.
m26pay_status m26pay_memory_free(struct m26pay_memory memory);

// Closes the port and frees the module. The module itself stays as it is: `m26pay_shut` and
// `m26pay_power_off` come before. While another thread uses the handle it is `M26PAY_IN_USE`, and
// stays valid. No module (`id` 0) is freed as NULL is by `free`: nothing happens.
m26pay_status m26pay_module_free(struct m26pay_module module);

// How long a command may take, in milliseconds; 0 is as long as its documented deadlines allow.
//
// With a client that is the exchange, from its first byte sent to its last line. With a session it is
// the whole call: to wait until the session is ready, and the exchange.
m26pay_status m26pay_module_set_timeout(struct m26pay_module module,
                                        uint64_t milliseconds);

// Writes the defaults, without a port.
m26pay_status m26pay_client_options_init(struct m26pay_client_options *options);

// Opens a port for this program alone, and waits until the module answers. `module` is to be freed by
// `m26pay_module_free`.
m26pay_status m26pay_client_open(const struct m26pay_client_options *options,
                                 struct m26pay_module *module);

// Writes the defaults, without a path.
m26pay_status m26pay_outbox_options_init(struct m26pay_outbox_options *options);

// Opens an outbox. What was being sent when the last program ended is pending again. `outbox` is to be freed
// by `m26pay_outbox_free`.
m26pay_status m26pay_outbox_open(const struct m26pay_outbox_options *options,
                                 struct m26pay_outbox *outbox);

// Frees an outbox. Its file is closed once the sessions to which it is attached, and the checkouts and payments
// that record in it, are freed as well. No outbox (`id` 0) is freed as NULL is by `free`: nothing happens.
m26pay_status m26pay_outbox_free(struct m26pay_outbox outbox);

// Appends a report: it is on disk when this returns `M26PAY_OK`, and only then. `number` is its number in
// this outbox; it may be NULL.
m26pay_status m26pay_outbox_append(struct m26pay_outbox outbox,
                                   const struct m26pay_report *report,
                                   int64_t *number);

// Keeps the report of a trade that is about to begin. It is on disk when this returns, and is not sent yet:
// `m26pay_outbox_complete` or `m26pay_outbox_withdraw` says what came of the trade. If the host dies before
// that, it is sent as it was announced.
m26pay_status m26pay_outbox_announce(struct m26pay_outbox outbox,
                                     const struct m26pay_report *report,
                                     int64_t *number);

// Says how an announced trade ended: this report takes the place of the announced one.
m26pay_status m26pay_outbox_complete(struct m26pay_outbox outbox,
                                     int64_t number,
                                     const struct m26pay_report *report);

// An announced trade did not take place: its report is removed.
m26pay_status m26pay_outbox_withdraw(struct m26pay_outbox outbox, int64_t number);

// Counts voice broadcasts and scans, on disk, until they are reported to the module.
m26pay_status m26pay_outbox_count_usage(struct m26pay_outbox outbox,
                                        uint32_t broadcasts,
                                        uint32_t scans);

// What is in an outbox.
m26pay_status m26pay_outbox_summary(struct m26pay_outbox outbox, struct m26pay_summary *summary);

// The first report behind the number `after` that is in one of the states, the sum of `M26PAY_ITEM_...`.
// `M26PAY_NOTHING` if there is none. `report->memory` is to be freed. To look at all of them, begin with 0
// and go on with the number of the last one.
m26pay_status m26pay_outbox_next_report(struct m26pay_outbox outbox,
                                        m26pay_item_state states,
                                        int64_t after,
                                        struct m26pay_stored_report *report);

// Has a report tried again that was parked or rejected, at its old place in the order.
m26pay_status m26pay_outbox_retry_report(struct m26pay_outbox outbox, int64_t number);

// Removes a report for good that was parked or rejected.
m26pay_status m26pay_outbox_remove_report(struct m26pay_outbox outbox, int64_t number);

// Has a payment tried again that was parked, rejected or expired.
m26pay_status m26pay_outbox_retry_payment(struct m26pay_outbox outbox, int64_t number);

// Removes a payment for good that was parked, rejected or expired.
m26pay_status m26pay_outbox_remove_payment(struct m26pay_outbox outbox, int64_t number);

// Hands out the oldest payment that waits, to be brought to the server: `m26pay_outbox_settle_payment` says
// what came of it. `payment->memory` is to be freed. `M26PAY_NOTHING` if it is not time for one;
// `milliseconds` is then how long it is not, `M26PAY_FOREVER` if none waits. It may be NULL.
//
// A payment can be handed out more than once, so the server must recognise one that it has.
m26pay_status m26pay_outbox_next_payment(struct m26pay_outbox outbox,
                                         struct m26pay_campus_payment *payment,
                                         uint64_t *milliseconds);

// Says what came of a payment that was handed out. One that was not handed out stays as it is.
m26pay_status m26pay_outbox_settle_payment(struct m26pay_outbox outbox,
                                           int64_t number,
                                           m26pay_upload upload);

// Has a session send what is in an outbox, now and whenever something is appended. Best before the session
// works for the first time. One session at a time. A session without a thread of its own sends while it
// works.
m26pay_status m26pay_outbox_attach(struct m26pay_outbox outbox,
                                   struct m26pay_module module);

// Has a client send what is pending, in order, at most so many milliseconds, or `M26PAY_FOREVER`, in which
// case it waits where the module has no room. Its SDK has to be open. `drained` is what was done;
// `progress` may be NULL.
m26pay_status m26pay_outbox_drain(struct m26pay_outbox outbox,
                                  struct m26pay_module module,
                                  uint64_t milliseconds,
                                  m26pay_progress progress,
                                  void *progress_user,
                                  struct m26pay_drained *drained);

// Tells an outbox what happened to the module that a client reaches. `again` is how many reports are
// pending again because the module may have lost them; it may be NULL.
m26pay_status m26pay_outbox_notice(struct m26pay_outbox outbox,
                                   m26pay_module_notice notice,
                                   uint64_t *again);

// Writes the defaults, without a port.
m26pay_status m26pay_session_options_init(struct m26pay_session_options *options);

// Makes a session, which opens the port and brings the module up once it works. It works while
// `m26pay_next_event`, `m26pay_session_wait_ready` or a command waits; or, after `m26pay_session_start`, in
// a thread of its own. `module` is to be freed by `m26pay_module_free`.
m26pay_status m26pay_session_new(const struct m26pay_session_options *options,
                                 struct m26pay_module *module);

// Gives a session a thread of its own, in which it works from now on. Any number of threads may then use
// the handle at once.
m26pay_status m26pay_session_start(struct m26pay_module module);

// Where a session stands.
m26pay_status m26pay_session_get_state(struct m26pay_module module, m26pay_session_state *state);

// Waits until a session is ready, at most so many milliseconds. `M26PAY_BUSY` if it is not ready then, or
// has given up; `m26pay_last_error` says why.
m26pay_status m26pay_session_wait_ready(struct m26pay_module module,
                                        uint64_t milliseconds);

// Closes the SDK in order, and switches the module off if that is wanted. Commands of the SDK are refused
// from then on, until `m26pay_session_resume`.
m26pay_status m26pay_session_shut_down(struct m26pay_module module,
                                       m26pay_shut_down how);

// Gives the module another configuration, and brings the session to ready again.
m26pay_status m26pay_session_reconfigure(struct m26pay_module module,
                                         const struct m26pay_config *config,
                                         m26pay_held_reports held);

// Begins again after `M26PAY_STATE_FAILED` or `M26PAY_STATE_SHUT`.
m26pay_status m26pay_session_resume(struct m26pay_module module);

// There may be something to do, such as for an outbox: the session looks at once.
m26pay_status m26pay_session_nudge(struct m26pay_module module);

// How a session is. `health->memory` is to be freed.
m26pay_status m26pay_session_health(struct m26pay_module module, struct m26pay_health *health);

// Has a callback told every event of a session that was started, until the module is freed; NULL is
// `M26PAY_NULL_POINTER`. Only one callback or descriptor is possible.
m26pay_status m26pay_session_on_event(struct m26pay_module module,
                                      m26pay_event_callback callback,
                                      void *user);

// Gives a descriptor that is readable while the session, which was started, has events: for poll, select or
// epoll. Read nothing from it, and take the events with `m26pay_next_event` and a time of 0 until that says
// `M26PAY_NOTHING`. It belongs to the library, and is closed when the module is freed.
m26pay_status m26pay_session_event_fd(struct m26pay_module module,
                                      int32_t *fd);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/* A text that ends with NUL, for an argument. */
static inline m26pay_str m26pay_text(const char *text) {
    m26pay_str it;
    it.data = text;
    it.length = text ? strlen(text) : 0;
    return it;
}
