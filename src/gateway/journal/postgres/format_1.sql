-- Format 1 of the journal of orders.

CREATE TABLE m26_journal (
    format integer NOT NULL
);
COMMENT ON TABLE m26_journal IS
    'The format of m26_order: a program that knows only older ones leaves it alone.';
INSERT INTO m26_journal VALUES (1);

-- Names are compared byte by byte, so that no index depends on the collations of the system.
CREATE TABLE m26_order (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gateway text COLLATE "C" NOT NULL,
    app_id text COLLATE "C" NOT NULL,
    seller_id text COLLATE "C",
    out_trade_no text COLLATE "C" NOT NULL,
    out_request_no text COLLATE "C",
    kind text NOT NULL,
    amount numeric(12, 2) NOT NULL,
    expires_after_ms bigint NOT NULL,
    stage text NOT NULL,
    begun_ms bigint NOT NULL,
    changed_ms bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    holder text,
    held_until timestamptz,
    version bigint NOT NULL,
    trade_no text,
    seen boolean NOT NULL,
    said_code bigint,
    said_sub_code text,
    said_verified boolean,
    outcome text,
    outcome_by text,
    outcome_amount numeric(12, 2),
    outcome_trade_no text,
    outcome_code bigint,
    outcome_sub_code text,
    outcome_verified boolean,
    CONSTRAINT m26_order_holder CHECK ((holder IS NULL) = (held_until IS NULL)),
    CONSTRAINT m26_order_said CHECK ((said_code IS NULL) = (said_verified IS NULL)),
    CONSTRAINT m26_order_outcome CHECK (outcome IS NOT NULL OR outcome_by IS NULL)
);

CREATE UNIQUE INDEX m26_order_key ON m26_order (
    out_trade_no, coalesce(out_request_no, ''), app_id, coalesce(seller_id, ''), gateway
);
CREATE INDEX m26_order_open ON m26_order (id) WHERE outcome IS NULL;
CREATE INDEX m26_order_due ON m26_order (written_at) WHERE outcome IS NULL;

COMMENT ON TABLE m26_order IS
    'Orders and refunds at payment gateways. A row is written before the gateway is asked for money, and is open until the outcome is proven. A number is used once for ever, so rows stay. No row holds a payment code, a key, a signature or who the buyer is.';
COMMENT ON INDEX m26_order_key IS 'What tells an order from all others. A number is used once.';
COMMENT ON INDEX m26_order_open IS 'What is open, in the order in which it was begun.';
COMMENT ON INDEX m26_order_due IS 'What is open, the longest untouched first.';
COMMENT ON COLUMN m26_order.id IS 'The order in which they were begun.';
COMMENT ON COLUMN m26_order.gateway IS 'The address of the gateway.';
COMMENT ON COLUMN m26_order.app_id IS 'The application at the gateway.';
COMMENT ON COLUMN m26_order.seller_id IS 'The merchant, if the application acts for more than one.';
COMMENT ON COLUMN m26_order.out_trade_no IS 'The merchant''s number of the order.';
COMMENT ON COLUMN m26_order.out_request_no IS 'The merchant''s number of the refund, if it is one.';
COMMENT ON COLUMN m26_order.kind IS
    'barcode: the till scanned the customer''s code; precreated: the customer scans the till''s; refund.';
COMMENT ON COLUMN m26_order.amount IS 'The amount of the order or the refund, in yuan.';
COMMENT ON COLUMN m26_order.expires_after_ms IS
    'How many milliseconds after its begin the gateway closes an order that nobody paid.';
COMMENT ON COLUMN m26_order.stage IS
    'What may be on its way to the gateway. begun: a pay, a precreate or a refund; cancelling: a cancel too.';
COMMENT ON COLUMN m26_order.begun_ms IS
    'When it was begun, by the clock of the host, in Unix milliseconds.';
COMMENT ON COLUMN m26_order.changed_ms IS
    'When it was last changed, by the clock of the host, in Unix milliseconds.';
COMMENT ON COLUMN m26_order.created_at IS 'When the row was made, by the clock of this server.';
COMMENT ON COLUMN m26_order.written_at IS
    'When anything but its holder was last written, by the clock of this server.';
COMMENT ON COLUMN m26_order.holder IS 'Who works on it, or did last.';
COMMENT ON COLUMN m26_order.held_until IS
    'Until when nobody else takes it over, by the clock of this server.';
COMMENT ON COLUMN m26_order.version IS
    'Counts the changes: a program that knows an older version changes nothing.';
COMMENT ON COLUMN m26_order.trade_no IS 'The gateway''s number of the trade, once it is known.';
COMMENT ON COLUMN m26_order.seen IS 'Whether a verified answer showed the trade.';
COMMENT ON COLUMN m26_order.said_code IS 'The code of the last answer that proved nothing.';
COMMENT ON COLUMN m26_order.said_sub_code IS 'Its sub_code.';
COMMENT ON COLUMN m26_order.said_verified IS 'Whether that answer''s signature was the gateway''s.';
COMMENT ON COLUMN m26_order.outcome IS
    'How it ended: paid, not-paid, refunded, not-refunded, given-up (by a person). NULL: it is open.';
COMMENT ON COLUMN m26_order.outcome_by IS
    'What proves it: pay, query, notification, refused, closed, cancelled, refunded, absent, stopped, not-sent, not-written.';
COMMENT ON COLUMN m26_order.outcome_amount IS 'The amount that was paid or given back, in yuan.';
COMMENT ON COLUMN m26_order.outcome_trade_no IS 'The gateway''s number of the trade that ended so.';
COMMENT ON COLUMN m26_order.outcome_code IS 'The code of the refusal that proves it.';
COMMENT ON COLUMN m26_order.outcome_sub_code IS 'Its sub_code.';
COMMENT ON COLUMN m26_order.outcome_verified IS
    'Whether that refusal''s signature was the gateway''s.';
