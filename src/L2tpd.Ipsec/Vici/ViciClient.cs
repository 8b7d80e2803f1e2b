namespace L2tpd.Ipsec.Vici;

/// <summary>
/// The client of one VICI connection, without its socket. It registers for events, then gives the commands one after the other: VICI has no
/// sequence numbers, so a response belongs to the one command that is outstanding.
/// <para>A command that is not answered in time ends the connection, because a late response would be taken for that of the next command.
/// Every command gets a result, exactly once. At most <see cref="MaxWaiting"/> commands wait.</para>
/// <para>States: closed, registering, ready. Times are milliseconds of any monotonic clock.</para>
/// </summary>
/// <param name="events">Names of the events to register for. One that the server does not have is left out.</param>
/// <param name="observer">Takes events.</param>
public sealed class ViciClient(IReadOnlyList<string> events, IViciObserver observer)
{
    /// <summary>Commands that wait for their turn.</summary>
    public const int MaxWaiting = 4_096;

    /// <summary>How long a registration may take, ms.</summary>
    public const long RegistrationLimit = 10_000;

    private readonly ViciFramer _framer = new();
    private readonly Queue<Command> _waiting = new();
    private readonly Queue<byte[]> _outgoing = new();
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private Command? _active;
    private long _limit = long.MaxValue;
    private int _registered;
    private long _now;

    /// <summary>Whether the socket is connected.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether commands can be given.</summary>
    public bool IsReady => IsOpen && _registered == events.Count;

    /// <summary>Whether every command has its result.</summary>
    public bool IsIdle => _active is null && _waiting.Count == 0;

    /// <summary>When the outstanding command or registration must be answered; <see cref="long.MaxValue"/> if there is none.</summary>
    public long Deadline => _limit;

    /// <summary>Events that the server does not have.</summary>
    public IReadOnlySet<string> MissingEvents => _missing;

    /// <summary>The socket is connected: the first registration is queued.</summary>
    public void Open(long now)
    {
        _now = now;
        IsOpen = true;
        _registered = 0;
        _missing.Clear();
        RegisterNext();
    }

    /// <summary>Gives a command. <paramref name="done"/> is called once, maybe before this call returns.</summary>
    /// <param name="name">The command.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="limit">How long the server may take from when the command is sent, ms.</param>
    /// <param name="now">The time.</param>
    /// <param name="done">Takes the result.</param>
    public void Request(string name, ViciSection arguments, long limit, long now, Action<ViciResult> done)
    {
        _now = now;
        if (!IsReady)
            done(ViciResult.Failed("there is no connection to strongSwan"));
        else if (_waiting.Count >= MaxWaiting)
            done(ViciResult.Failed($"{MaxWaiting} commands wait for strongSwan already"));
        else
            Add(new Command(name, arguments, limit, done));
    }

    /// <summary>The next packet to write, length included.</summary>
    public bool TryTakeOutgoing(out byte[] packet) => _outgoing.TryDequeue(out packet!);

    /// <summary>Takes what was read.</summary>
    /// <returns>Why the connection must be closed; <c>null</c> if it goes on.</returns>
    public string? Receive(ReadOnlySpan<byte> octets, long now)
    {
        _now = now;
        string? problem = null;
        var isFramed = _framer.TryAdd(octets, sequence =>
        {
            problem = Take(sequence);
            return problem is null && IsOpen;
        });
        return isFramed || !IsOpen ? null : problem ?? "strongSwan sent a length that VICI does not allow";
    }

    /// <summary>Whether the server has not answered in time: close the connection.</summary>
    public bool IsOverdue(long now) => _limit <= now;

    /// <summary>The connection is closed: commands that are not answered fail.</summary>
    public void Close(string why)
    {
        IsOpen = false;
        _limit = long.MaxValue;
        _framer.Clear();
        _outgoing.Clear();
        var failed = new List<Command>(_waiting.Count + 1);
        if (_active is not null)
            failed.Add(_active);
        failed.AddRange(_waiting);
        _active = null;
        _waiting.Clear();
        foreach (var command in failed)
            command.Done(ViciResult.Failed(why));
    }

    private void Add(Command command)
    {
        if (_active is null)
            Send(command);
        else
            _waiting.Enqueue(command);
    }

    private void Send(Command command)
    {
        byte[] packet;
        try
        {
            packet = ViciWriter.Command(command.Name, command.Arguments);
        }
        catch (ArgumentException error)
        {
            command.Done(ViciResult.Failed(error.Message));
            SendNext();
            return;
        }

        _active = command;
        _outgoing.Enqueue(packet);
        _limit = _now + command.Limit;
    }

    private void SendNext()
    {
        if (_active is null && _waiting.TryDequeue(out var next))
            Send(next);
    }

    private string? Take(ReadOnlySpan<byte> sequence)
    {
        var error = ViciPacket.TryParse(sequence, out var packet);
        if (error != ViciDecodeError.None)
            return $"strongSwan sent a packet that cannot be read: {error}";
        if (packet.Type == ViciPacketType.Event)
        {
            observer.OnEvent(packet);
            return null;
        }

        return packet.Type is ViciPacketType.EventConfirm or ViciPacketType.EventUnknown ? TakeRegistration(packet) : TakeResponse(packet);
    }

    private string? TakeRegistration(in ViciPacket packet)
    {
        if (IsReady)
            return "strongSwan confirmed an event that was not registered";
        if (packet.Type == ViciPacketType.EventUnknown)
            _missing.Add(events[_registered]);
        _registered++;
        RegisterNext();
        return null;
    }

    private void RegisterNext()
    {
        _limit = long.MaxValue;
        if (IsReady)
        {
            observer.OnReady();
            return;
        }

        _outgoing.Enqueue(ViciWriter.Register(events[_registered]));
        _limit = _now + RegistrationLimit;
    }

    private string? TakeResponse(in ViciPacket packet)
    {
        if (_active is not { } command)
            return "strongSwan answered a command that was not given";
        var error = packet.TryRead(out var message);
        if (error != ViciDecodeError.None)
            return $"strongSwan's response to {command.Name} cannot be read: {error}";
        _active = null;
        _limit = long.MaxValue;
        command.Done(packet.Type == ViciPacketType.CommandUnknown
            ? ViciResult.Failed($"this strongSwan does not have the command {command.Name}")
            : ViciResult.Of(message));
        SendNext();
        return null;
    }

    private sealed record Command(string Name, ViciSection Arguments, long Limit, Action<ViciResult> Done);
}
