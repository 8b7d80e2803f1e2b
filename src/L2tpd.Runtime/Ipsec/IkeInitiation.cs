using System.Globalization;
using L2tpd.Ipsec;
using L2tpd.Ipsec.Vici;

namespace L2tpd.Runtime.Ipsec;

/// <summary>
/// One initiation of a connection, on a VICI connection of its own: the command answers when the SA is there or has failed, and no other
/// command could be given meanwhile. strongSwan streams its log of the initiation, which is where the reason of a failure is.
/// </summary>
internal sealed class IkeInitiation : IViciConnectionObserver, IDisposable
{
    private const string LogEvent = "control-log";

    private readonly ViciConnection _connection;
    private readonly IkeFailure _failure = new();
    private readonly string _name;
    private readonly TimeSpan _limit;
    private Action<string?>? _done;

    /// <summary>Prepares it.</summary>
    /// <param name="socket">strongSwan's VICI socket.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="name">Name of the loaded connection and its child.</param>
    /// <param name="limit">How long strongSwan tries.</param>
    /// <param name="done">Takes the error, or <c>null</c> when the SA is there. Called once, unless it is disposed before.</param>
    public IkeInitiation(string socket, ViciLoop loop, string name, TimeSpan limit, Action<string?> done)
    {
        (_name, _limit, _done) = (name, limit, done);
        _connection = new ViciConnection(socket, loop, [LogEvent], this, isKept: false);
    }

    public void Start() => _connection.Open();

    /// <inheritdoc/>
    public void OnReady()
    {
        var arguments = new ViciSection().Add("child", _name).Add("ike", _name).Add("loglevel", "1")
            .Add("timeout", ((long)_limit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        // strongSwan itself gives up at the limit. If it does not, it hangs.
        _connection.Request("initiate", arguments, 2 * _limit, result => End(result.IsDone ? null : _failure.Text ?? result.Error));
    }

    /// <inheritdoc/>
    public void OnEvent(in ViciPacket packet)
    {
        if (packet.TryRead(out var message) == ViciDecodeError.None && message.Value("msg") is { } line)
            _failure.Take(line);
    }

    /// <inheritdoc/>
    public void OnDown(string why) => End(_failure.Text ?? why);

    /// <inheritdoc/>
    public void Dispose()
    {
        _done = null;
        _connection.Dispose();
    }

    private void End(string? error)
    {
        var done = _done;
        _done = null;
        done?.Invoke(error);
    }
}
