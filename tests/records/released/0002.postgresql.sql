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
CREATE TABLE public.device (
    id integer NOT NULL,
    token text NOT NULL,
    staff_id integer NOT NULL,
    name text NOT NULL,
    created timestamp with time zone NOT NULL,
    seen timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.device_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.device_id_seq OWNED BY public.device.id;
CREATE TABLE public.invitation (
    id integer NOT NULL,
    token text NOT NULL,
    staff_id integer NOT NULL,
    ends timestamp with time zone NOT NULL,
    used timestamp with time zone
);
CREATE SEQUENCE public.invitation_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.invitation_id_seq OWNED BY public.invitation.id;
CREATE TABLE public.staff (
    id integer NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    role text NOT NULL,
    password text,
    created timestamp with time zone NOT NULL,
    CONSTRAINT ck_staff_role CHECK ((role = ANY (ARRAY['staff'::text, 'leader'::text])))
);
CREATE SEQUENCE public.staff_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.staff_id_seq OWNED BY public.staff.id;
ALTER TABLE ONLY public.audit ALTER COLUMN id SET DEFAULT nextval('public.audit_id_seq'::regclass);
ALTER TABLE ONLY public.closing ALTER COLUMN id SET DEFAULT nextval('public.closing_id_seq'::regclass);
ALTER TABLE ONLY public.device ALTER COLUMN id SET DEFAULT nextval('public.device_id_seq'::regclass);
ALTER TABLE ONLY public.invitation ALTER COLUMN id SET DEFAULT nextval('public.invitation_id_seq'::regclass);
ALTER TABLE ONLY public.staff ALTER COLUMN id SET DEFAULT nextval('public.staff_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0002');
INSERT INTO public.audit VALUES (1, '2026-11-24 06:10:30.123456+00', 'Åsa Berg', 'close', '1');
INSERT INTO public.audit VALUES (2, '2026-11-24 06:10:30.123456+00', 'Bo', 'close', '2');
INSERT INTO public.audit VALUES (3, '2026-11-24 06:10:30.123456+00', 'Bo', 'close', '3');
INSERT INTO public.audit VALUES (4, '2026-11-24 06:10:30.123456+00', 'Åsa Berg', 'close', '4');
INSERT INTO public.audit VALUES (5, '2026-11-24 06:10:30.123456+00', 'Bo', 'withdraw', '1');
INSERT INTO public.audit VALUES (6, '2026-11-24 06:10:30.123456+00', 'Bo', 'add', 'Åsa Berg');
INSERT INTO public.audit VALUES (7, '2026-11-24 06:10:30.123456+00', 'Åsa Berg', 'password', 'Åsa Berg');
INSERT INTO public.closing VALUES (2, '00000000-0000-0000-0000-000000000001', 'ovi ö', '09:00-11:00, 12:00-13:30', NULL, NULL, '2026-11-24 06:10:30.123456+00', '2026-11-24 10:10:30.123456+00', 'meeting', 'Bo', '2026-11-24 06:10:30.123456+00', NULL, NULL);
INSERT INTO public.closing VALUES (3, '00000000-0000-0000-0000-000000000002', NULL, NULL, 'social_instructor', 'duty', '2026-11-24 06:10:30.123456+00', '2026-11-24 10:10:30.123456+00', 'other', 'Bo', '2026-11-24 06:10:30.123456+00', NULL, NULL);
INSERT INTO public.closing VALUES (1, '00000000-0000-0000-0000-000000000000', 'phone', 'closed', NULL, NULL, '2026-11-24 06:10:30.123456+00', '2026-11-24 10:10:30.123456+00', 'no-staff', 'Åsa Berg', '2026-11-24 06:10:30.123456+00', '2026-11-24 06:10:30.123456+00', 'Bo');
INSERT INTO public.device VALUES (1, '90a80692545959e73ea5b0965ae659dd42338f5cd7e5d356de4fa0cd3faabb0c', 1, 'Firefox', '2026-11-24 06:10:30.123456+00', '2026-11-24 06:10:30.123456+00');
INSERT INTO public.invitation VALUES (1, 'd6f9afd7222508ff17b23aa26bdf82f0636095cff9d5566927376dcecfcc7b53', 1, '2026-11-25 06:10:30.123456+00', '2026-11-24 06:10:30.123456+00');
INSERT INTO public.staff VALUES (1, 'Åsa Berg', 'åsa berg', 'leader', 'a hash', '2026-11-24 06:10:30.123456+00');
SELECT pg_catalog.setval('public.audit_id_seq', 7, true);
SELECT pg_catalog.setval('public.closing_id_seq', 4, true);
SELECT pg_catalog.setval('public.device_id_seq', 1, true);
SELECT pg_catalog.setval('public.invitation_id_seq', 1, true);
SELECT pg_catalog.setval('public.staff_id_seq', 1, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.closing
    ADD CONSTRAINT closing_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.closing
    ADD CONSTRAINT closing_token_key UNIQUE (token);
ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_token_key UNIQUE (token);
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_token_key UNIQUE (token);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT staff_name_key_key UNIQUE (name_key);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT staff_pkey PRIMARY KEY (id);
CREATE INDEX ix_audit_at ON public.audit USING btree (at);
CREATE INDEX ix_closing_ends ON public.closing USING btree (ends);
CREATE INDEX ix_device_staff_id ON public.device USING btree (staff_id);
CREATE INDEX ix_invitation_staff_id ON public.invitation USING btree (staff_id);
ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES public.staff(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES public.staff(id) ON DELETE CASCADE;
