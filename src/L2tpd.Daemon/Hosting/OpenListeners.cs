using System.Collections.Immutable;
using L2tpd.Configuration;
using L2tpd.Protocol.Data;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>
/// The listeners that are open. One on an address that no interface has yet waits for it: the daemon may start before the network is up.
/// The kernel delivers to it as soon as the address is there; this class only asks, and reports. Made before the loop runs, then on the
/// loop; <see cref="Texts"/> on every thread.
/// </summary>
internal sealed partial class OpenListeners
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly LoopTimers _timers;
    private readonly ILogger _log;
    private readonly ImmutableArray<(Listener Listener, string Local)> _open;
    private ImmutableArray<int> _waiting;
    private volatile string[] _texts = [];

    /// <summary>Opens all.</summary>
    /// <param name="listeners">The configured ones.</param>
    /// <param name="transports">Opens and owns the sockets.</param>
    /// <param name="timers">Of the loop.</param>
    /// <param name="log">Where an absent address is reported, and when it is there.</param>
    /// <exception cref="StartException">One cannot be opened.</exception>
    public OpenListeners(ImmutableArray<Listener> listeners, Transports transports, LoopTimers timers, ILogger log)
    {
        (_timers, _log) = (timers, log);
        _open = [.. listeners.Zip(ListenerSetup.Open(listeners, transports))];
        _waiting = [.. Enumerable.Range(0, _open.Length).Where(index => Lacks(_open[index].Listener))];
        foreach (var index in _waiting)
            LogWaits(_open[index].Local, _open[index].Listener.Address.ToString());
        Describe();
        AskAgain();
    }

    /// <summary>The addresses that they are bound to, with a note if no interface has one yet.</summary>
    public IReadOnlyList<string> Texts => _texts;

    private static bool Lacks(Listener listener) => listener.Carrier == DataCarrier.Udp && !ListenerProbe.HasAddress(listener);

    private void AskAgain()
    {
        if (!_waiting.IsEmpty)
            _timers.After(Interval, Ask);
    }

    private void Ask()
    {
        foreach (var index in _waiting)
        {
            if (!Lacks(_open[index].Listener))
                LogHas(_open[index].Local);
        }

        _waiting = [.. _waiting.Where(index => Lacks(_open[index].Listener))];
        Describe();
        AskAgain();
    }

    private void Describe() => _texts =
        [.. _open.Select((open, index) => _waiting.Contains(index) ? $"{open.Local} (waits: no interface has this address)" : open.Local)];

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "No interface has the address {Address}: the listener {Listener} receives nothing until one has it")]
    private partial void LogWaits(string listener, string address);

    [LoggerMessage(Level = LogLevel.Information, Message = "The listener {Listener} has its address now")]
    private partial void LogHas(string listener);
}
