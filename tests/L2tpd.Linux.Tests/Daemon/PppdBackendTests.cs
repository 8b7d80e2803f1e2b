using System.Collections.Immutable;
using System.Net;
using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Linux.Interop;
using L2tpd.PppHosting;
using L2tpd.PppHosting.Pppd;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Processes;
using Tmds.Linux;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>The pppd back end with shell scripts instead of pppd: start, output, end, a hanging script, and nothing left over.</summary>
public sealed class PppdBackendTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-pppd-").FullName;
    private readonly LoopRig _rig = new();
    private readonly FakeDataPlane _dataPlane = new();
    private readonly Dictionary<SessionKey, PppRequest> _requests = Requests(3);

    private SessionKey First => _requests.Keys.First();

    [Fact]
    public void Addresses_come_up_once_and_the_end_has_its_codes()
    {
        using var backend = Backend("echo Using interface ppp5; echo 'local  IP address 10.0.0.1'; echo 'remote IP address 10.0.0.2'; "
            + "sleep 0.3; exit 15");
        backend.Start(First, _requests[First]);
        _rig.RunUntil(() => backend.Running == 0, "end");
        Assert.Equal(new PppUp(First, "ppp5", "10.0.0.1", "10.0.0.2"), Assert.Single(_rig.Inputs.OfType<PppUp>()));
        var ended = Assert.Single(_rig.Inputs.OfType<PppEnded>());
        Assert.Equal((1, PppDisconnectCode.EchoTimeout), (ended.CdnResult, ended.Cause!.Code));
        Assert.Equal([First], _dataPlane.Returned);
        Assert.Contains(_rig.Lines, line => line.Contains(_requests[First].Session.Name) && line.Contains("Using interface ppp5"));
    }

    [Fact]
    public void IPv6_alone_counts_as_up_after_a_while()
    {
        using var backend = Backend("echo Using interface ppp0; echo 'local  LL address fe80::1'; echo 'remote LL address "
            + "fe80::2'; sleep 30");
        backend.Start(First, _requests[First]);
        _rig.RunUntil(() => _rig.Inputs.Count > 0, "up");
        Assert.Equal(new PppUp(First, "ppp0", "fe80::1", "fe80::2"), Assert.Single(_rig.Inputs));
    }

    [Fact]
    public void A_missing_program_is_said_and_ends_the_session()
    {
        using var backend = Backend(null);
        backend.Start(First, _requests[First]);
        _rig.RunUntil(() => backend.Running == 0, "end");
        Assert.Contains("install pppd", Assert.Single(_rig.Inputs.OfType<PppEnded>()).Reason);
        Assert.Contains(_rig.Lines, line => line.StartsWith("Error: ", StringComparison.Ordinal) && line.Contains("cannot run PPP"));
        Assert.Equal([First], _dataPlane.Returned);
    }

    [Fact]
    public void One_that_ends_at_once_is_quoted()
    {
        using var backend = Backend("echo \"pppd: unrecognized option 'warp'\"; exit 2");
        backend.Start(First, _requests[First]);
        _rig.RunUntil(() => backend.Running == 0, "end");
        var ended = Assert.Single(_rig.Inputs.OfType<PppEnded>());
        Assert.Equal(5, ended.CdnResult);
        Assert.Contains("unrecognized option 'warp'", ended.Reason);
    }

    [Fact]
    public void One_that_does_not_stop_is_killed_and_that_is_said()
    {
        using var backend = Backend("trap '' TERM; echo ready; while :; do sleep 0.1; done");
        backend.Start(First, _requests[First]);
        _rig.RunUntil(() => _rig.Lines.Any(line => line.EndsWith("ready", StringComparison.Ordinal)), "ready");
        backend.Stop(First);
        _rig.RunUntil(() => backend.Running == 0, "end");
        Assert.Contains(_rig.Lines, line => line.Contains("did not end within"));
        Assert.Single(_rig.Inputs.OfType<PppEnded>());
        Assert.Equal([First], _dataPlane.Returned);
    }

    [Fact]
    public void Stopped_before_it_was_started_it_ends_all_the_same()
    {
        using var backend = Backend("sleep 60");
        backend.Start(First, _requests[First]);
        backend.Stop(First);
        _rig.RunUntil(() => backend.Running == 0, "end");
        Assert.Single(_rig.Inputs.OfType<PppEnded>());
    }

    [Fact]
    public void Addresses_of_the_pool_are_lent_once_and_given_back_once()
    {
        using var backend = Backend("echo \"$@\"; sleep 60", pool: ("10.9.0.1", "10.9.0.2"));
        foreach (var (session, request) in _requests)
            backend.Start(session, request);
        var refused = Assert.Single(_rig.Inputs.OfType<PppEnded>());
        Assert.Contains("no free address (2 of 2 in use)", refused.Reason);
        Assert.Equal(2, backend.Running);
        var lent = _requests.Keys.Where(session => session != refused.Session).ToArray();
        backend.Stop(lent[0]);
        _rig.RunUntil(() => backend.Running == 1, "one ended");
        backend.Start(refused.Session, _requests[refused.Session]);
        Assert.Equal(2, backend.Running);
        Assert.Equal(2, _rig.Inputs.OfType<PppEnded>().Count());
    }

    [Fact]
    public void Secrets_facts_and_names_come_by_files_and_not_by_the_command_line()
    {
        using var backend = Backend($"echo \"$@\" > {_directory}/arguments; cat /proc/self/fd/4 > {_directory}/options; cat "
            + $"/proc/self/fd/5 > {_directory}/name; ls /proc/self/fd > {_directory}/fds; exit 0");
        backend.Start(First, _requests[First]);
        _rig.RunUntil(() => backend.Running == 0, "end");
        var arguments = File.ReadAllText($"{_directory}/arguments");
        Assert.Contains("plugin pppol2tp.so pppol2tp 3", arguments);
        Assert.DoesNotContain("s3cret", arguments);
        Assert.DoesNotContain(_requests[First].Session.Name, arguments);
        Assert.Equal($"ipparam \"{_requests[First].Session.Name}\"\n", File.ReadAllText($"{_directory}/name"));
        var options = File.ReadAllText($"{_directory}/options");
        Assert.Contains("password \"s3cret\"", options);
        Assert.Contains($"L2TPD_SESSION_ID={_requests[First].Session.LocalId}", options);
        Assert.Contains("L2TPD_PEER_HOST=lac", options);
        // 0, 1, 2, the session's socket, the options, the name, and the directory that ls reads.
        Assert.Equal(["0", "1", "2", "3", "4", "5"], File.ReadAllLines($"{_directory}/fds").Take(6));
        Assert.InRange(File.ReadAllLines($"{_directory}/fds").Length, 6, 7);
    }

    /// <summary>A user whose quota of pipes is used up gets pipes of 8,192 octets.</summary>
    [Fact]
    public void Options_longer_than_a_small_pipe_do_not_hold_up_the_start()
    {
        var profile = new PppProfile { Name = "test", Program = "/bin/true", User = "alice", Password = new Secret("s3cret") };
        var session = new PppdSession
        {
            SocketDescriptor = 3, TunnelId = new(1), SessionId = new(2), Server = true, Name = "main",
            Variables = [.. Enumerable.Range(0, 40).Select(static n => KeyValuePair.Create($"FACT{n}", new string('x', 900)))],
        };
        var pipes = new List<FileDescriptor>();
        var error = LinuxError.None;
        var start = AsUser.Start(() =>
        {
            while (OpenLargePipe(pipes))
            {
                // Until the quota is used up.
            }

            error = PppdStarter.TryStart(profile, session, _dataPlane.Borrow(First)!, out var child);
            child?.Dispose();
        });
        var ended = start.TryJoin(TimeSpan.FromSeconds(20));
        pipes.ForEach(static pipe => pipe.Dispose());
        Assert.True(ended, "the start waits for somebody to read a pipe");
        Assert.Equal(LinuxError.None, error);
    }

    private static unsafe bool OpenLargePipe(List<FileDescriptor> pipes)
    {
        const int SetPipeSize = 1_031;
        var ends = stackalloc int[2];
        Assert.Equal(0, LibC.pipe2(ends, LibC.O_CLOEXEC));
        pipes.AddRange([new FileDescriptor(ends[0]), new FileDescriptor(ends[1])]);
        return pipes.Count < 1_000 && Native.fcntl(pipes[^1], SetPipeSize, 1 << 20) >= 0;
    }

    [Fact]
    public void A_session_without_a_socket_is_refused_and_does_not_hang()
    {
        using var backend = Backend("exit 0");
        _dataPlane.HasSockets = false;
        backend.Start(First, _requests[First]);
        var refused = Assert.Single(_rig.Inputs.OfType<PppEnded>());
        Assert.Equal((First, (ushort)5, "pppd needs a session in the kernel, and the fake data plane has none for this one"),
            (refused.Session, refused.CdnResult, refused.Reason));
        Assert.Equal(0, backend.Running);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        RunOnce();
        var before = Directory.GetFiles("/proc/self/fd").Length;
        for (var i = 0; i < 20; i++)
            RunOnce();
        // Other tests run at the same time: a leak of one descriptor per run would show as 20 or more.
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 15);
    }

    [Fact]
    public void The_end_of_the_daemon_kills_what_runs()
    {
        var backend = Backend("echo $$; sleep 60");
        backend.Start(First, _requests[First]);
        _rig.RunUntil(() => _rig.Lines.Any(line => line.Contains("pppd[") && !line.Contains("started")), "running");
        var pid = int.Parse(_rig.Lines.Last(line => line.Contains("pppd[") && !line.Contains("started")).Split(' ')[^1]);
        backend.Dispose();
        Assert.Null(ProcessTable.StartTimeOf(pid));
    }

    public void Dispose()
    {
        _rig.Dispose();
        _dataPlane.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private void RunOnce()
    {
        using var backend = Backend("exit 0");
        backend.Start(First, _requests[First]);
        _rig.RunUntil(() => backend.Running == 0, "end");
    }

    private PppdBackend Backend(string? script, (string First, string Last)? pool = null)
    {
        var program = script is null ? $"{_directory}/missing" : Script.Write(_directory, "pppd", script);
        var profile = new PppProfile
        {
            Name = "test",
            Program = program,
            User = "alice",
            Password = new Secret("s3cret"),
            Pool = pool is { } range ? [new AddressRange(IPAddress.Parse(range.First), IPAddress.Parse(range.Last))] : [],
        };
        return new PppdBackend(
            new PppdServices(_rig.Events, _rig.Timers, _rig.Faults, _rig, _rig.Starter, null, TimeSpan.FromMilliseconds(300), _rig),
            _dataPlane, new PppProfiles(ImmutableSortedDictionary<string, PppProfile>.Empty.Add("test", profile)));
    }

    /// <summary>Sessions as an engine makes them.</summary>
    private static Dictionary<SessionKey, PppRequest> Requests(int count)
    {
        using var lns = EnginePeer.Lns(ppp: "test");
        using var lac = EnginePeer.Lac(lns.Port, count, secret: null);
        lac.RunUntil(() =>
        {
            lns.Turn();
            return lns.PppRequests.Count == count;
        }, "sessions that want PPP");
        return lns.PppRequests;
    }

    private sealed class FakeDataPlane : IDataPlane, IPppSockets, ITrafficCounters
    {
        private readonly FileStream _file = new("/dev/null", FileMode.Open);
        private FileDescriptor? _descriptor;

        public List<SessionKey> Returned { get; } = [];

        public DataPlaneChoice Choice => DataPlaneChoice.Kernel;

        public string Name => "fake";

        public IPppSockets PppSockets => this;

        public ITrafficCounters Traffic => this;

        public int Remaining => 0;

        public bool HasSockets { get; set; } = true;

        public FileDescriptor? Borrow(SessionKey session) => HasSockets ? _descriptor ??= Own() : null;

        public void Return(SessionKey session) => Returned.Add(session);

        public void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters) => throw new NotSupportedException();

        public void DestroyTunnel(TunnelKey tunnel) => throw new NotSupportedException();

        public void CloseTransport(TunnelKey tunnel) => throw new NotSupportedException();

        public void CreateSession(SessionKey session, SessionParameters parameters) => throw new NotSupportedException();

        public void DestroySession(SessionKey session) => throw new NotSupportedException();

        public Task<IReadOnlyDictionary<(TunnelId Tunnel, SessionId Session),
        TrafficCounters>> ReadAsync(IReadOnlyCollection<(TunnelId Tunnel, SessionId Session)> sessions) =>
            throw new NotSupportedException();

        public void Dispose()
        {
            _descriptor?.Dispose();
            _file.Dispose();
        }

        private FileDescriptor Own()
        {
            using var borrowed = new FileDescriptor((int)_file.SafeFileHandle.DangerousGetHandle());
            var own = borrowed.Duplicate();
            borrowed.SetHandleAsInvalid();
            return own;
        }
    }
}
