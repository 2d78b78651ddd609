CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.audit (
    id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    done_by text NOT NULL,
    deed text NOT NULL,
    about text NOT NULL,
    CONSTRAINT ck_audit_deed CHECK ((deed = ANY (ARRAY['close'::text, 'withdraw'::text, 'add'::text, 'remove'::text, 'role'::text, 'password'::text, 'reset'::text, 'sign-out'::text])))
);
CREATE SEQUENCE public.audit_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.audit_id_seq OWNED BY public.audit.id;
CREATE TABLE public.closing (
    id integer NOT NULL,
    token uuid NOT NULL,
    schedule text,
    hours text,
    contact text,
    label text,
    begins timestamp with time zone NOT NULL,
    ends timestamp with time zone NOT NULL,
    why text NOT NULL,
    closed_by text NOT NULL,
    created timestamp with time zone NOT NULL,
    withdrawn timestamp with time zone,
    withdrawn_by text,
    CONSTRAINT ck_closing_forward CHECK ((begins < ends)),
    CONSTRAINT ck_closing_hours CHECK (((schedule IS NULL) = (hours IS NULL))),
    CONSTRAINT ck_closing_kind CHECK (((schedule IS NULL) <> (contact IS NULL))),
    CONSTRAINT ck_closing_stand_in CHECK (((contact IS NULL) = (label IS NULL))),
    CONSTRAINT ck_closing_why CHECK ((why = ANY (ARRAY['no-staff'::text, 'meeting'::text, 'technical'::text, 'other'::text]))),
    CONSTRAINT ck_closing_withdrawn CHECK (((withdrawn IS NULL) = (withdrawn_by IS NULL)))
);
CREATE SEQUENCE public.closing_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.closing_id_seq OWNED BY public.closing.id;
ALTER TABLE ONLY public.audit ALTER COLUMN id SET DEFAULT nextval('public.audit_id_seq'::regclass);
ALTER TABLE ONLY public.closing ALTER COLUMN id SET DEFAULT nextval('public.closing_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.audit VALUES (1, '2026-11-24 06:10:30.123456+00', 'Åsa Berg', 'close', '1');
INSERT INTO public.audit VALUES (2, '2026-11-24 06:10:30.123456+00', 'Bo', 'close', '2');
INSERT INTO public.audit VALUES (3, '2026-11-24 06:10:30.123456+00', 'Bo', 'close', '3');
INSERT INTO public.audit VALUES (4, '2026-11-24 06:10:30.123456+00', 'Åsa Berg', 'close', '4');
INSERT INTO public.audit VALUES (5, '2026-11-24 06:10:30.123456+00', 'Bo', 'withdraw', '1');
INSERT INTO public.closing VALUES (2, '00000000-0000-0000-0000-000000000001', 'ovi ö', '09:00-11:00, 12:00-13:30', NULL, NULL, '2026-11-24 06:10:30.123456+00', '2026-11-24 10:10:30.123456+00', 'meeting', 'Bo', '2026-11-24 06:10:30.123456+00', NULL, NULL);
INSERT INTO public.closing VALUES (3, '00000000-0000-0000-0000-000000000002', NULL, NULL, 'social_instructor', 'duty', '2026-11-24 06:10:30.123456+00', '2026-11-24 10:10:30.123456+00', 'other', 'Bo', '2026-11-24 06:10:30.123456+00', NULL, NULL);
INSERT INTO public.closing VALUES (1, '00000000-0000-0000-0000-000000000000', 'phone', 'closed', NULL, NULL, '2026-11-24 06:10:30.123456+00', '2026-11-24 10:10:30.123456+00', 'no-staff', 'Åsa Berg', '2026-11-24 06:10:30.123456+00', '2026-11-24 06:10:30.123456+00', 'Bo');
SELECT pg_catalog.setval('public.audit_id_seq', 5, true);
SELECT pg_catalog.setval('public.closing_id_seq', 4, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.closing
    ADD CONSTRAINT closing_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.closing
    ADD CONSTRAINT closing_token_key UNIQUE (token);
CREATE INDEX ix_audit_at ON public.audit USING btree (at);
CREATE INDEX ix_closing_ends ON public.closing USING btree (ends);
