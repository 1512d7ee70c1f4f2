-- tests/bench/peers/postgres.sql - the adjudication of contracts/*.lua under examples/summit-ppo-2026.yaml as a user of PostgreSQL
-- would write it: tables, indexes, one PL/pgSQL function a claim. Amounts are bigint cents. No signature, proof or audit.

create table policy_limit (counter text, tier text, individual bigint not null, family bigint not null, primary key (counter, tier));
insert into policy_limit values
  ('deductible', 'in_network', 50000, 100000), ('deductible', 'out_of_network', 150000, 300000),
  ('oop_max', 'in_network', 400000, 800000), ('oop_max', 'out_of_network', 900000, 1800000);

create table benefit (id text primary key, visit_limit int);
insert into benefit values ('office_visit', null), ('laboratory', null), ('therapy', 20), ('imaging', null), ('equipment', null),
  ('injections', null);
create table benefit_range (lo text primary key, hi text not null, benefit text not null references benefit);
insert into benefit_range values
  ('99202', '99215', 'office_visit'), ('G0402', 'G0402', 'office_visit'), ('G0438', 'G0439', 'office_visit'),
  ('80047', '89398', 'laboratory'), ('G0103', 'G0103', 'laboratory'), ('P9010', 'P9100', 'laboratory'),
  ('97110', '97546', 'therapy'), ('G0151', 'G0153', 'therapy'),
  ('70010', '76499', 'imaging'), ('G0204', 'G0235', 'imaging'),
  ('A4206', 'A9999', 'equipment'), ('E0100', 'E8002', 'equipment'), ('K0001', 'K0900', 'equipment'),
  ('J0120', 'J9999', 'injections'), ('90281', '90756', 'injections'), ('Q0138', 'Q9992', 'injections');
create table cost_share (benefit text references benefit, tier text, copay bigint not null, deductible boolean not null,
  coinsurance int not null, primary key (benefit, tier)); -- coinsurance: basis points
insert into cost_share values
  ('office_visit', 'in_network', 3000, false, 0), ('office_visit', 'out_of_network', 0, true, 4000),
  ('laboratory', 'in_network', 0, true, 1000), ('laboratory', 'out_of_network', 0, true, 4000),
  ('therapy', 'in_network', 1500, true, 2000), ('therapy', 'out_of_network', 0, true, 4000),
  ('imaging', 'in_network', 0, true, 2000), ('imaging', 'out_of_network', 0, true, 5000),
  ('equipment', 'in_network', 0, true, 2000), ('equipment', 'out_of_network', 0, true, 5000),
  ('injections', 'in_network', 0, true, 2000), ('injections', 'out_of_network', 0, true, 4000);
create table excluded_range (lo text primary key, hi text not null);
insert into excluded_range values ('15820', '15823'), ('G0429', 'G0429');
create table authorization_range (lo text primary key, hi text not null);
insert into authorization_range values ('70551', '70553'), ('G0219', 'G0219');

create table fee (code text, valid_from date, valid_to date, cents bigint not null, primary key (code, valid_from));
insert into fee
  select code, '2020-01-01', 'infinity', round((45250000 + (n - 1) * 7310000) / 10000.0)
  from unnest(array['80053', '97110', '97140', '99213', 'E0110', 'J1100']) with ordinality as t (code, n);
create table roster (npi text, valid_from date, valid_to date, tier text not null, primary key (npi, valid_from));
insert into roster values ('1234567893', '2020-01-01', 'infinity', 'in_network');

create table family (id text primary key);
insert into family select 'F' || lpad(i::text, 6, '0') from generate_series(0, :families - 1) i;
create table member (id text primary key, family text not null references family);
insert into member select 'M' || lpad(i::text, 6, '0'), 'F' || lpad(i::text, 6, '0') from generate_series(0, :families - 1) i;
create table cover (member text references member, valid_from date, valid_to date, plan text not null, primary key (member, valid_from));
insert into cover select id, '2026-01-01', 'infinity', 'summit-ppo-2026' from member;

create table balance (family text, member text, period int, counter text, tier text, used bigint not null,
  primary key (family, member, period, counter, tier)); -- member '*': the family's own
create table visit (member text, benefit text, day date, provider text, copay bigint not null, counted boolean not null,
  primary key (member, benefit, day, provider));
create table claim (id bigint generated always as identity primary key, filing text not null unique, control text not null,
  member text not null, provider text not null, received timestamptz not null default now(), status text not null,
  charge bigint not null, allowed bigint not null, paid bigint not null);
create table claim_line (claim bigint, line int, day date, procedure text, charge bigint, status text, benefit text, tier text,
  allowed bigint, paid bigint, primary key (claim, line));
create table service (member text, day date, provider text, procedure text, charge bigint, claim bigint, line int);
create index on service (member, day, provider, procedure);
create table adjustment (claim bigint, line int, seq int, grp text, carc text, cents bigint not null, because text not null,
  primary key (claim, line, seq));

create type line_fact as (n int, code text, charge bigint, benefit text, visit_limit int, fee bigint, excluded boolean, authorize boolean,
  duplicate boolean, copay bigint, deductible boolean, coinsurance int, copaid bigint, counted boolean);

-- One claim, whole: the decision stands in claim, claim_line and adjustment when it returns. All that is known is read by three
-- queries, the lines are decided in variables, and each table is written once.
create function adjudicate(p_filing text, p_control text, p_member text, p_provider text, p_day date, p_codes text[],
                           p_charges bigint[]) returns bigint
language plpgsql as $$
declare
  v_claim bigint; v_family text; v_plan text; v_tier text; v_year int := extract(year from p_day);
  v_in_time boolean := date '2026-10-01' <= p_day + 365;
  f line_fact; i int := 0;
  v_deductible bigint; v_oop bigint; -- left
  v_took_deductible bigint := 0; v_took_oop bigint := 0;
  v_used jsonb; v_seen int; v_copaid bigint; v_counted boolean; v_owed bigint; v_left bigint; v_allowed bigint; v_status text; v_seq int;
  l_status text[]; l_benefit text[]; l_allowed bigint[]; l_paid bigint[];
  a_line int[]; a_seq int[]; a_group text[]; a_carc text[]; a_cents bigint[]; a_because text[];
  w_benefit text[]; w_copay bigint[]; w_counted boolean[];
begin
  select m.family, c.plan, coalesce(r.tier, 'out_of_network') into v_family, v_plan, v_tier
    from member m
    left join cover c on c.member = m.id and p_day between c.valid_from and c.valid_to
    left join roster r on r.npi = p_provider and p_day between r.valid_from and r.valid_to
    where m.id = p_member;
  if not found then
    insert into claim (filing, control, member, provider, status, charge, allowed, paid)
      values (p_filing, p_control, p_member, p_provider, 'denied', (select sum(c) from unnest(p_charges) c), 0, 0)
      on conflict (filing) do nothing returning id into v_claim;
    return v_claim;
  end if;
  perform 1 from family where id = v_family for update; -- one claim of a family at a time
  select min(l.individual - coalesce(b.used, 0)) filter (where l.counter = 'deductible'),
         min(l.individual - coalesce(b.used, 0)) filter (where l.counter = 'oop_max')
    into v_deductible, v_oop
    from (select counter, individual, p_member as who from policy_limit where tier = v_tier
          union all select counter, family, '*' from policy_limit where tier = v_tier) l
    left join balance b on b.family = v_family and b.member = l.who and b.period = v_year and b.counter = l.counter and b.tier = v_tier;
  v_deductible := greatest(v_deductible, 0);
  v_oop := greatest(v_oop, 0);
  for f in
    select t.n, t.code, t.charge, r.benefit, b.visit_limit, fee.cents,
           exists (select from excluded_range x where t.code between x.lo and x.hi),
           exists (select from authorization_range x where t.code between x.lo and x.hi),
           exists (select from service s where s.member = p_member and s.day = p_day and s.provider = p_provider and s.procedure = t.code),
           s.copay, s.deductible, s.coinsurance, coalesce(v.copay, 0), coalesce(v.counted, false)
    from unnest(p_codes, p_charges) with ordinality as t (code, charge, n)
    left join benefit_range r on t.code between r.lo and r.hi
    left join benefit b on b.id = r.benefit
    left join cost_share s on s.benefit = r.benefit and s.tier = v_tier
    left join fee on fee.code = t.code and p_day between fee.valid_from and fee.valid_to
    left join visit v on v.member = p_member and v.benefit = r.benefit and v.day = p_day and v.provider = p_provider
    order by t.n
  loop
    i := f.n; v_seq := 1; v_allowed := 0; v_left := 0; v_status := 'denied';
    if v_plan is null or v_plan <> 'summit-ppo-2026' then
      a_line := a_line || i; a_seq := a_seq || 1; a_group := a_group || 'PR'::text; a_carc := a_carc || '26'::text;
      a_cents := a_cents || f.charge; a_because := a_because || 'plan.effective'::text;
    elsif p_day < '2026-01-01' or p_day > '2026-12-31' then
      v_status := 'pended';
    elsif not v_in_time then
      a_line := a_line || i; a_seq := a_seq || 1; a_group := a_group || 'CO'::text; a_carc := a_carc || '29'::text;
      a_cents := a_cents || f.charge; a_because := a_because || 'timely_filing.limit'::text;
    elsif f.duplicate or f.code = any (p_codes[1:i - 1]) then
      a_line := a_line || i; a_seq := a_seq || 1; a_group := a_group || 'OA'::text; a_carc := a_carc || '18'::text;
      a_cents := a_cents || f.charge; a_because := a_because || 'duplicates.exact'::text;
    elsif f.excluded then
      a_line := a_line || i; a_seq := a_seq || 1; a_group := a_group || 'PR'::text; a_carc := a_carc || '96'::text;
      a_cents := a_cents || f.charge; a_because := a_because || 'exclusions.cosmetic'::text;
    elsif f.benefit is null then
      a_line := a_line || i; a_seq := a_seq || 1; a_group := a_group || 'PR'::text; a_carc := a_carc || '204'::text;
      a_cents := a_cents || f.charge; a_because := a_because || 'benefits'::text;
    elsif f.authorize then
      a_line := a_line || i; a_seq := a_seq || 1; a_group := a_group || 'CO'::text; a_carc := a_carc || '197'::text;
      a_cents := a_cents || f.charge; a_because := a_because || 'prior_auth.advanced_imaging'::text;
    elsif f.fee is null then
      v_status := 'pended';
    else
      v_status := 'decided';
      v_allowed := least(case v_tier when 'out_of_network' then (f.fee * 8 + 5) / 10 else f.fee end, f.charge);
      v_left := v_allowed;
      if f.charge > v_allowed then
        a_line := a_line || i; a_seq := a_seq || v_seq; a_group := a_group || case v_tier when 'in_network' then 'CO' else 'PR' end;
        a_carc := a_carc || '45'::text; a_cents := a_cents || f.charge - v_allowed;
        a_because := a_because || ('fee_schedule.' || v_tier || '.table');
        v_seq := v_seq + 1;
      end if;
      v_copaid := f.copaid; v_counted := f.counted;
      if w_benefit is not null and array_position(w_benefit, f.benefit) is not null then
        v_copaid := w_copay[array_position(w_benefit, f.benefit)];
        v_counted := w_counted[array_position(w_benefit, f.benefit)];
      end if;
      v_seen := 0;
      if f.visit_limit is not null and not v_counted then
        select count(*) into v_seen from visit where member = p_member and benefit = f.benefit and counted
          and day between make_date(v_year, 1, 1) and make_date(v_year, 12, 31);
      end if;
      if f.visit_limit is not null and not v_counted and v_seen >= f.visit_limit then
        a_line := a_line || i; a_seq := a_seq || v_seq; a_group := a_group || 'PR'::text; a_carc := a_carc || '119'::text;
        a_cents := a_cents || v_left; a_because := a_because || ('benefits.' || f.benefit || '.limit.visits');
        v_left := 0;
      else
        v_counted := v_counted or f.visit_limit is not null;
        v_owed := least(greatest(f.copay - v_copaid, 0), v_left, v_oop);
        if v_owed > 0 then
          a_line := a_line || i; a_seq := a_seq || v_seq; a_group := a_group || 'PR'::text; a_carc := a_carc || '3'::text;
          a_cents := a_cents || v_owed; a_because := a_because || ('benefits.' || f.benefit || '.cost_share.' || v_tier || '.copay');
          v_seq := v_seq + 1; v_left := v_left - v_owed; v_copaid := v_copaid + v_owed;
          v_oop := v_oop - v_owed; v_took_oop := v_took_oop + v_owed;
        end if;
        if v_copaid > 0 or v_counted then
          if w_benefit is not null and array_position(w_benefit, f.benefit) is not null then
            w_copay[array_position(w_benefit, f.benefit)] := v_copaid;
          else
            w_benefit := w_benefit || f.benefit; w_copay := w_copay || v_copaid; w_counted := w_counted || v_counted;
          end if;
        end if;
        v_owed := case when f.deductible then least(v_left, v_deductible, v_oop) else 0 end;
        if v_owed > 0 then
          a_line := a_line || i; a_seq := a_seq || v_seq; a_group := a_group || 'PR'::text; a_carc := a_carc || '1'::text;
          a_cents := a_cents || v_owed; a_because := a_because || ('deductible.' || v_tier || '.individual');
          v_seq := v_seq + 1; v_left := v_left - v_owed;
          v_deductible := v_deductible - v_owed; v_took_deductible := v_took_deductible + v_owed;
          v_oop := v_oop - v_owed; v_took_oop := v_took_oop + v_owed;
        end if;
        v_owed := least((v_left * f.coinsurance + 5000) / 10000, v_oop);
        if v_owed > 0 then
          a_line := a_line || i; a_seq := a_seq || v_seq; a_group := a_group || 'PR'::text; a_carc := a_carc || '2'::text;
          a_cents := a_cents || v_owed; a_because := a_because || ('benefits.' || f.benefit || '.cost_share.' || v_tier || '.coinsurance');
          v_left := v_left - v_owed; v_oop := v_oop - v_owed; v_took_oop := v_took_oop + v_owed;
        end if;
      end if;
    end if;
    l_status := l_status || v_status; l_benefit := l_benefit || f.benefit; l_allowed := l_allowed || v_allowed; l_paid := l_paid || v_left;
  end loop;
  insert into claim (filing, control, member, provider, status, charge, allowed, paid)
    select p_filing, p_control, p_member, p_provider, 'decided', (select sum(c) from unnest(p_charges) c),
           (select sum(c) from unnest(l_allowed) c), (select sum(c) from unnest(l_paid) c)
    on conflict (filing) do nothing returning id into v_claim;
  if not found then return (select id from claim where filing = p_filing); end if; -- filing twice pays once
  insert into claim_line
    select v_claim, n, p_day, code, charge, status, benefit, v_tier, allowed, paid
    from unnest(p_codes, p_charges, l_status, l_benefit, l_allowed, l_paid) with ordinality as t (code, charge, status, benefit, allowed, paid, n);
  insert into adjustment select v_claim, * from unnest(a_line, a_seq, a_group, a_carc, a_cents, a_because);
  insert into service select p_member, p_day, p_provider, code, charge, v_claim, n
    from unnest(p_codes, p_charges) with ordinality as t (code, charge, n);
  insert into visit select p_member, b, p_day, p_provider, c, k from unnest(w_benefit, w_copay, w_counted) as t (b, c, k)
    on conflict (member, benefit, day, provider) do update set copay = excluded.copay, counted = excluded.counted;
  if v_took_deductible > 0 or v_took_oop > 0 then
    insert into balance
      select v_family, who, v_year, counter, v_tier, took
      from unnest(array['deductible', 'oop_max'], array[v_took_deductible, v_took_oop]) as c (counter, took),
           unnest(array[p_member, '*']) as who where took > 0
      on conflict (family, member, period, counter, tier) do update set used = balance.used + excluded.used;
  end if;
  return v_claim;
end
$$;

-- The n-th claim of tests/bench/bench.c. Claims arrive in `arrived`, and one call decides a batch of them.
create sequence next_claim minvalue 0 start 0;
create function adjudicate_generated(n bigint) returns bigint language sql as $$
  select adjudicate('filing-' || n, 'P' || lpad(n::text, 8, '0'), 'M' || lpad((n % :families)::text, 6, '0'), '1234567893',
    date '2026-01-05' + (n / :families % 250)::int, array['80053', '97110', '97140', '99213', 'E0110', 'J1100'],
    array[9000, 10111, 11222, 12333, 13444, 14555]::bigint[])
$$;
create table arrived (n bigint primary key, part int not null);
create index on arrived (part, n);
create function adjudicate_batch(p_part int, p_count int) returns bigint language plpgsql as $$
declare v_done bigint := 0; r record;
begin
  -- A family's claims are of one part, so that two batches never wait for one another.
  for r in delete from arrived where n in (select n from arrived where part = p_part order by n limit p_count) returning n loop
    perform adjudicate_generated(r.n);
    v_done := v_done + 1;
  end loop;
  return v_done;
end
$$;
