using System.Globalization;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Operations.Control;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Tracing;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Operations.Tracing;

/// <summary>
/// The traces that run. It is the listener of the tap while there is one, and gives each trace a copy of what its filter matches. Loop
/// thread, except where noted.
/// </summary>
/// <param name="engine">Knows tunnels and sessions.</param>
/// <param name="tap">The place that shows messages and frames.</param>
/// <param name="sink">Brings work of other threads to the loop.</param>
/// <param name="userOf">The user of a session of the built-in PPP; <c>null</c> if it has none.</param>
public sealed class TraceHub(L2tpEngine engine, TraceTap tap, IInputSink sink, Func<SessionKey, string?> userOf) : ITraceListener
{
    /// <summary>Traces at one time.</summary>
    public const int MaxReaders = 4;

    /// <summary>Octets of a message or frame that are copied. What is longer is cut, and its AVPs are not shown.</summary>
    public const int MostOctets = 4_096;

    private readonly List<TraceReader> _readers = [];

    /// <summary>Begins a trace.</summary>
    /// <exception cref="ControlUnavailableException">There are too many.</exception>
    public TraceReader Open(TraceRequest request)
    {
        if (_readers.Count >= MaxReaders)
            throw new ControlUnavailableException(string.Create(CultureInfo.InvariantCulture, $"{MaxReaders} traces run already"));
        var reader = new TraceReader(this, new TraceFilter(request.Name, engine, userOf), request);
        _readers.Add(reader);
        tap.Listener = this;
        return reader;
    }

    /// <inheritdoc/>
    public void OnControl(bool isSent, in Path path, TunnelKey tunnel, ReadOnlySpan<byte> message)
    {
        TraceRecord? record = null;
        foreach (var reader in _readers)
        {
            if (!reader.Filter.MatchesControl(isSent, path, tunnel, message, out var matched) || !reader.TryReserve())
                continue;
            record ??= new TraceRecord
            {
                At = TimeProvider.System.GetUtcNow(),
                IsSent = isSent,
                IsFrame = false,
                Local = path.Local,
                Remote = path.Remote,
                Tunnel = matched?.Name,
                Octets = Copy(message),
            };
            reader.Add(record);
        }
    }

    /// <inheritdoc/>
    public void OnFrame(bool isSent, SessionKey session, string? user, ReadOnlySpan<byte> frame)
    {
        if (engine.FindSession(session) is not { } found)
            return;
        TraceRecord? record = null;
        foreach (var reader in _readers)
        {
            if (!reader.Filter.MatchesFrame(found, user) || !reader.TryReserve())
                continue;
            record ??= new TraceRecord
            {
                At = TimeProvider.System.GetUtcNow(),
                IsSent = isSent,
                IsFrame = true,
                Local = found.Tunnel.Path.Local,
                Remote = found.Tunnel.Path.Remote,
                Tunnel = found.Tunnel.Name,
                Session = found.Name,
                User = user,
                Header = TraceHeader.Of(found, isSent, Math.Min(frame.Length, MostOctets)),
                Octets = Copy(frame),
            };
            reader.Add(record);
        }
    }

    /// <summary>Ends a trace. Any thread; completes when the loop has let go of it.</summary>
    internal Task CloseAsync(TraceReader reader)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sink.Post(() =>
        {
            _readers.Remove(reader);
            if (_readers.Count == 0)
                tap.Listener = null;
            done.TrySetResult();
        });
        // A loop that has stopped runs nothing, and the reader is closed already: nobody waits long for it.
        return Task.WhenAny(done.Task, Task.Delay(TimeSpan.FromSeconds(1)));
    }

    private static byte[] Copy(ReadOnlySpan<byte> octets) => octets[..Math.Min(octets.Length, MostOctets)].ToArray();
}
