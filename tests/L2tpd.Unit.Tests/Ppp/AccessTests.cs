using L2tpd.Access;
using L2tpd.Ppp;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>Secrets, users, pools, policy and accounting.</summary>
public class AccessTests(ITestOutputHelper output)
{
    [Fact]
    public void Secrets_are_read_as_pppd_reads_them()
    {
        var file = SecretsFile.Parse(string.Join('\n',
            "# comment", "alice * secret 10.0.0.5", "", "\"bob b\" lns 'pass word' * # tail", "carol\t*\tback\\\\slash\\x41 -- option",
            "*  *  \"\"", "dave * \\", "  split -", "broken *", "eve * @/etc/secret", "fay * \"open"));
        Assert.Equal(
            ["alice|*|secret|10.0.0.5", "bob b|lns|pass word|*", "carol|*|back\\slashA|", "*|*||", "dave|*|split|-"],
            file.Entries.Select(e => $"{e.Client}|{e.Server}|{e.Secret}|{string.Join(',', e.Addresses)}"));
        Assert.Equal([9, 10, 11], file.Problems.Select(p => p.Line));
        Assert.DoesNotContain("secret", file.Entries[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_is_in_a_file_of_its_own_only_by_its_path()
    {
        var file = SecretsFile.Parse(
            "a * @home1\nb * \"@ x\"\nc * @/run/c *\nd * '@/run/d'\ne * @/run/e\nf * @/run/f\ng * @/run/g\n",
            path => path switch
            {
                "/run/c" => ("# not this\n\n  'first word' second\nthird", null),
                "/run/d" => ("@/run/c", null),
                "/run/e" => (string.Empty, "permission denied"),
                "/run/f" => ("\n# nothing\n", null),
                _ => ("'open", null),
            });
        Assert.Equal(["a @home1 ", "b @ x ", "c first word *", "d @/run/c "], file.Entries.Select(e =>
            $"{e.Client} {e.Secret} {string.Concat(e.Addresses)}"));
        Assert.Equal(
            [(5, "the secret's file /run/e: permission denied"), (6, "the secret's file /run/f: there is no secret in it"), (7,
                "the secret's file /run/g: a quote is not closed")],
            file.Problems.Select(p => (p.Line, p.Text)));
    }

    [Theory]
    [InlineData("alice", "lns", "1")]
    [InlineData("alice", "other", "2")]
    [InlineData("bob", "lns", "3")]
    [InlineData("bob", "other", "4")]
    public void The_most_particular_entry_wins(string client, string server, string secret)
    {
        var users = new LocalUsers(SecretsFile.Parse("* * 4\n* lns 3\nalice * 2\nalice lns 1\nalice lns 9").Entries);
        Assert.Equal(secret, users.Find(client, server)!.Secret);
    }

    [Theory]
    [InlineData("DOMAIN\\alice", AuthenticationProtocol.MsChapV2, "alice")]
    [InlineData("DOMAIN\\bob", AuthenticationProtocol.MsChapV2, "bob")]
    [InlineData("bob", AuthenticationProtocol.Pap, "bob")]
    public void The_verdict_names_the_user_of_the_books(string claimed, AuthenticationProtocol protocol, string user)
    {
        var name = System.Text.Encoding.UTF8.GetBytes(claimed);
        var challenge = new byte[16];
        var response = "s"u8.ToArray();
        if (protocol == AuthenticationProtocol.MsChapV2)
        {
            response = new byte[49];
            L2tpd.Ppp.Cryptography.MsChapV2.NtResponse(challenge, response.AsSpan(0, 16), name, "s"u8, response.AsSpan(24, 24));
        }

        var result = new LocalUsers(SecretsFile.Parse("* * s\nalice * s").Entries).Verify(
            new AuthenticationRequest { Protocol = protocol, Name = name, Challenge = challenge, Response = response }, "lns");
        Assert.True(result.Accepted);
        Assert.Equal(user, result.UserName);
    }

    [Fact]
    public void An_empty_secret_lets_nobody_in()
    {
        var users = new LocalUsers(SecretsFile.Parse("a * \"\"").Entries);
        Assert.False(users.Verify(new AuthenticationRequest { Protocol = AuthenticationProtocol.Pap, Name = "a"u8.ToArray(),
            Response = [] }, "x").Accepted);
    }

    [Theory]
    [InlineData("10.0.0.5", AddressSource.Fixed)]
    [InlineData("*", AddressSource.Pool)]
    [InlineData("-", AddressSource.NotPermitted)]
    [InlineData("", AddressSource.Pool)]
    [InlineData("10.0.0.0/24", AddressSource.Pool)]
    [InlineData("!10.0.0.5", AddressSource.Pool)]
    [InlineData("10.0.0.0/24 10.0.0.5", AddressSource.Fixed)]
    [InlineData("* - 10.0.0.5", AddressSource.Pool)]
    public void Addresses_of_the_file_decide_the_source(string addresses, AddressSource source) =>
        Assert.Equal(source, LocalUsers.AuthorisationOf(SecretsFile.Parse("a * s " + addresses).Entries[0]).AddressSource);

    [Fact]
    public void A_pool_hands_out_every_address_once_and_takes_each_back_once()
    {
        var seed = Seeds.One(output.WriteLine);
        var random = new Random(seed);
        var pool = AddressPool.FromPrefix("p", Ipv4Address.Parse("10.1.0.0"), 24);
        var space = new AddressSpace();
        space.Replace([], [pool]);
        Assert.True(pool.Exclude(Ipv4Address.Parse("10.1.0.1")));
        var held = new List<AddressLease>();
        for (var i = 0; i < 20_000; i++)
        {
            if (random.Next(100) < 55)
            {
                var lease = space.Take(pool);
                Assert.True(lease is null == (held.Count == 253), $"seed {seed}");
                if (lease is not null)
                {
                    Assert.DoesNotContain(held, l => l.Address == lease.Address);
                    held.Add(lease);
                }
            }
            else if (held.Count > 0)
            {
                var lease = held[random.Next(held.Count)];
                held.Remove(lease);
                Assert.True(space.Release(lease));
                Assert.False(space.Release(lease));
            }

            Assert.Equal(held.Count + 1, pool.Used);
        }
    }

    [Fact]
    public void Pools_that_change_hand_out_nothing_that_is_in_use()
    {
        var seed = Seeds.One(output.WriteLine);
        var random = new Random(seed);
        var space = new AddressSpace();
        AddressAllocator[] allocators =
        [
            new(Ipv4Address.Parse("10.0.0.1"), [], "p", null, space), new(Ipv4Address.Parse("10.0.0.2"), [], "p", null, space),
        ];
        var held = new List<AddressGrant>();
        for (var i = 0; i < 20_000; i++)
        {
            var allocator = allocators[random.Next(2)];
            var choice = random.Next(100);
            if (choice == 0)
            {
                // Anywhere, also overlapping the other's pool: a reload applies the profiles one after another.
                var first = 0x0a00_0000u + (uint)random.Next(100);
                allocator.Change(
                    new Ipv4Address(0x0a00_0000u + (uint)random.Next(100)),
                    [new AddressPool("p", new Ipv4Address(first), new Ipv4Address(first + (uint)random.Next(30)))]);
            }
            else if (choice < 55)
            {
                var grant = allocator.Take(choice < 45 ? null : new Authorisation
                {
                    AddressSource = AddressSource.Fixed, Address = new Ipv4Address(0x0a00_0000u + (uint)random.Next(140)),
                });
                if (grant is not null)
                {
                    Assert.False(held.Exists(h => h.Peer == grant.Peer), $"seed {seed}: {grant.Peer} twice");
                    Assert.True(grant.Peer != grant.Local, $"seed {seed}: our own address");
                    held.Add(grant);
                }
            }
            else if (held.Count > 0)
            {
                var index = random.Next(held.Count);
                Assert.True(held[index].Release(), $"seed {seed}");
                Assert.False(held[index].Release(), $"seed {seed}");
                held.RemoveAt(index);
            }

            Assert.True(held.Count == space.Count, $"seed {seed}");
        }

        held.ForEach(h => h.Release());
        Assert.All(allocators, a => Assert.All(a.Pools, p => Assert.InRange(p.Used, 0, 1)));
    }

    [Theory]
    [InlineData(30, 2)]
    [InlineData(31, 2)]
    [InlineData(32, 1)]
    [InlineData(16, 65534)]
    public void Prefixes_lose_network_and_broadcast(int length, int size) =>
        Assert.Equal(size, AddressPool.FromPrefix("p", Ipv4Address.Parse("10.99.0.0"), length).Size);

    [Fact]
    public void A_fixed_address_is_nobody_elses_while_in_use()
    {
        var allocator = new AddressAllocator(
            Ipv4Address.Parse("10.0.0.1"), [AddressPool.FromPrefix("p", Ipv4Address.Parse("10.0.0.0"), 29)], "p");
        foreach (var address in new[] { "10.0.0.3", "192.0.2.7" })
        {
            var fixedOne = new Authorisation { AddressSource = AddressSource.Fixed, Address = Ipv4Address.Parse(address) };
            var grant = allocator.Take(fixedOne)!;
            Assert.Equal(address, grant.Peer.ToString());
            Assert.Null(allocator.Take(fixedOne));
            Assert.True(grant.Release());
            Assert.False(grant.Release());
            Assert.NotNull(allocator.Take(fixedOne));
        }

        Assert.Null(allocator.Take(new Authorisation { AddressSource = AddressSource.NotPermitted }));
        Assert.Null(allocator.Take(new Authorisation { Pool = "unknown" }));
        Assert.Equal(["10.0.0.2", "10.0.0.4", "10.0.0.5", "10.0.0.6"], Enumerable.Range(0, 4).Select(_ =>
            allocator.Take(null)!.Peer.ToString()));
        Assert.Null(allocator.Take(null));
    }

    [Fact]
    public void A_users_address_is_lent_to_nobody_else()
    {
        var pool = AddressPool.FromPrefix("p", Ipv4Address.Parse("10.0.0.0"), 29);
        var allocator = new AddressAllocator(Ipv4Address.Parse("10.0.0.1"), [pool], "p");
        var own = Ipv4Address.Parse("10.0.0.2");
        var user = new Authorisation { AddressSource = AddressSource.Fixed, Address = own };
        allocator.Keep([own, Ipv4Address.Parse("10.0.0.4"), Ipv4Address.Parse("192.0.2.1")]);
        Assert.Equal(2, pool.Kept);
        AddressGrant[] lent = [.. Enumerable.Range(0, 3).Select(_ => allocator.Take(null)!)];
        Assert.Equal(["10.0.0.3", "10.0.0.5", "10.0.0.6"], lent.Select(grant => grant.Peer.ToString()));
        Assert.Null(allocator.Take(null));
        var first = allocator.Take(user)!;
        Assert.Equal((own, 1), (first.Peer, pool.Kept));
        Assert.True(first.Release());
        Assert.Null(allocator.Take(null));
        Assert.Equal(own, allocator.Take(user)!.Peer);

        // Users were read again: one address is free for everybody now, another belongs to a user as soon as it is returned.
        allocator.Keep([Ipv4Address.Parse("10.0.0.3")]);
        Assert.Equal("10.0.0.4", allocator.Take(null)!.Peer.ToString());
        Assert.Null(allocator.Take(null));
        Assert.True(lent[0].Release());
        Assert.Null(allocator.Take(null));
        Assert.Equal("10.0.0.3", allocator.Take(user with { Address = Ipv4Address.Parse("10.0.0.3") })!.Peer.ToString());
    }

    [Fact]
    public void Kept_addresses_do_not_upset_the_pool()
    {
        var seed = Seeds.One(output.WriteLine);
        var random = new Random(seed);
        const uint First = 0x0a00_0000;
        var pool = new AddressPool("p", new Ipv4Address(First), new Ipv4Address(First + 199));
        var space = new AddressSpace();
        space.Replace([], [pool]);
        var held = new Dictionary<Ipv4Address, AddressLease>();
        HashSet<Ipv4Address> kept = [];
        for (var i = 0; i < 20_000; i++)
        {
            var one = new Ipv4Address(First + (uint)random.Next(200));
            switch (random.Next(100))
            {
                case 0:
                    kept = [.. Enumerable.Range(0, random.Next(150)).Select(_ => new Ipv4Address(First + (uint)random.Next(200)))];
                    pool.Keep(kept);
                    break;
                case < 50:
                    var lease = space.Take(pool);
                    Assert.True(lease is null == Enumerable.Range(0, 200).All(n => held.ContainsKey(new Ipv4Address(First + (uint)n))
                        || kept.Contains(new Ipv4Address(First + (uint)n))), $"seed {seed}");
                    Assert.True(lease is null || (!kept.Contains(lease.Address) && held.TryAdd(lease.Address, lease)), $"seed {seed}");
                    break;
                case < 60:
                    var certain = space.Take(one);
                    Assert.True(certain is null == held.ContainsKey(one), $"seed {seed}");
                    if (certain is not null)
                        held[one] = certain;

                    break;
                default:
                    Assert.True(!held.Remove(one, out var back) || space.Release(back), $"seed {seed}");
                    break;
            }

            Assert.True(pool.Used == held.Count && pool.Kept == kept.Count(address => !held.ContainsKey(address)), $"seed {seed}");
        }
    }

    [Fact]
    public void One_session_a_user_refuses_or_replaces()
    {
        var refuse = new UserSessions(SeveralSessions.RefuseNew);
        Assert.True(refuse.TryEnter("a", 1, out _));
        Assert.True(refuse.TryEnter("a", 1, out _));
        Assert.False(refuse.TryEnter("a", 2, out _));
        Assert.True(refuse.Leave(1));
        Assert.False(refuse.Leave(1));
        Assert.True(refuse.TryEnter("a", 2, out _));

        var replace = new UserSessions(SeveralSessions.ReplaceOld);
        Assert.True(replace.TryEnter("a", 1, out _));
        Assert.True(replace.TryEnter("a", 2, out var replaced));
        Assert.Equal([1L], replaced);
        Assert.False(replace.Leave(1));
        Assert.Equal(1, replace.Count);

        var allow = new UserSessions(SeveralSessions.Allow);
        Assert.True(allow.TryEnter("a", 1, out _));
        Assert.True(allow.TryEnter("a", 2, out replaced));
        Assert.Empty(replaced);
        Assert.Equal(2, allow.Count);
    }

    [Theory]
    [InlineData(SeveralSessions.Allow, 2u, "1 2 -")]
    [InlineData(SeveralSessions.RefuseNew, 2u, "1 2 -")]
    [InlineData(SeveralSessions.ReplaceOld, 2u, "1 2 3(1)")]
    [InlineData(SeveralSessions.ReplaceOld, 1u, "1 2(1) 3(2)")]
    [InlineData(SeveralSessions.Allow, 0u, "1 2 3")]
    [InlineData(SeveralSessions.RefuseNew, 0u, "1 - -")]
    public void The_limit_of_a_user_takes_precedence_over_one_session(SeveralSessions policy, uint limit, string expected)
    {
        var sessions = new UserSessions(policy);
        Assert.Equal(expected, string.Join(' ', new[] { 1L, 2L, 3L }.Select(key => sessions.TryEnter("a", key, out var replaced, limit)
            ? key + (replaced.Count > 0 ? $"({string.Join(',', replaced)})" : "") : "-")));
    }

    [Fact]
    public void A_lower_limit_closes_the_earliest_sessions()
    {
        var sessions = new UserSessions(SeveralSessions.ReplaceOld);
        Assert.All(new[] { 1L, 2L, 3L }, key => Assert.True(sessions.TryEnter("a", key, out _, limit: 3)));
        Assert.True(sessions.TryEnter("a", 4, out var replaced, limit: 2));
        Assert.Equal(("1 2", 2), (string.Join(' ', replaced), sessions.Count));
    }

    [Fact]
    public void Accounting_starts_and_stops_once()
    {
        var accounting = new SessionAccounting(new SessionAttributes { SessionId = "00000001" });
        var end = new PppEnd(PppEndCause.IdleTimeout, "idle", DisconnectCode.Normal, 0xc021, 2, TerminateCause.IdleTimeout);
        Assert.Null(accounting.Stop(end, default, 0));
        Assert.NotNull(accounting.Start("a", Ipv4Address.Parse("10.0.0.9"), 0, new Authorisation { InterimInterval = 60_000 }, 1_000));
        Assert.Null(accounting.Start("a", default, 0, null, 1_000));
        Assert.Equal(61_000, accounting.NextDeadline);
        accounting.Postpone(61_000);
        Assert.Equal(121_000, accounting.NextDeadline);
        Assert.Equal(60_000, accounting.Interim(new SessionCounters(1, 2, 3, 4), 61_000)!.SessionTime);
        var stop = accounting.Stop(end, new SessionCounters(5, 6, 7, 8), 71_000)!;
        Assert.Equal((AccountingStatus.Stop, 70_000L, TerminateCause.IdleTimeout), (stop.Status, stop.SessionTime, stop.TerminateCause));
        Assert.Null(accounting.Stop(end, default, 72_000));
        Assert.Equal(long.MaxValue, accounting.NextDeadline);
    }

    [Theory]
    [InlineData(0, 60, 60)]
    [InlineData(300, 0, 300)]
    [InlineData(300, 60, 300)]
    [InlineData(300, 900, 900)]
    [InlineData(0, 0, 0)]
    public void The_local_interim_interval_is_the_minimum_of_that_of_the_server(long local, long server, long expected)
    {
        var accounting = new SessionAccounting(new SessionAttributes { SessionId = "1" }, local);
        Assert.NotNull(accounting.Start("a", default, 1, new Authorisation { InterimInterval = server }, 1_000));
        Assert.Equal(expected == 0 ? long.MaxValue : 1_000 + expected, accounting.NextDeadline);
    }

    [Fact]
    public void The_local_backend_answers_each_request_once_unless_cancelled()
    {
        var records = new List<AccountingRecord>();
        var backend = new LocalAccess(new LocalUsers([new SecretEntry("a", "*", "s", [])]), "lns", records.Add);
        var session = new SessionAttributes { SessionId = "1" };
        var facts = new AuthenticationRequest { Protocol = AuthenticationProtocol.Pap, Name = "a"u8.ToArray(), Response = "s"u8.ToArray() };
        backend.Authenticate(1, new AccessRequest(session, facts), 0);
        backend.Authenticate(2, new AccessRequest(session, facts), 0);
        backend.Account(3, new AccountingRecord { Status = AccountingStatus.Start, Session = session }, 0);
        backend.Cancel(2);
        backend.Cancel(99);
        Assert.True(backend.TryTake(out var answer));
        Assert.True(Assert.IsType<AccessAnswer.Authenticated>(answer).Result.Accepted);
        Assert.True(backend.TryTake(out answer));
        Assert.Equal(new AccessAnswer.Accounted(3, null), answer);
        Assert.False(backend.TryTake(out _));
        Assert.Single(records);
        Assert.True(new SessionIdentification().IsEmpty);
    }
}
