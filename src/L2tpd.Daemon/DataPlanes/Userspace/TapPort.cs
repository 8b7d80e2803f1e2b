using L2tpd.Daemon.Loop;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;

namespace L2tpd.Daemon.DataPlanes.Userspace;

/// <summary>Ethernet frames between a session and its TAP interface: read straight into the outgoing batch, written straight from the incoming one. Loop thread only.</summary>
internal sealed class TapPort(UserspaceSession session, TunTap tap, TurnBudget budget) : ISessionPort, IReadinessHandler
{
    private LoopRegistration? _registration;

    public TunTap Tap => tap;

    /// <summary>Starts carrying.</summary>
    public void Start(EventLoop events, FaultLog faults)
    {
        _registration = events.Register(tap.Descriptor, Readiness.Readable, new GuardedHandler(this, faults));
        session.Port = this;
    }

    /// <summary>Carries no more; the device stays for its owner to close.</summary>
    public void Stop()
    {
        session.Port = null;
        _registration?.Dispose();
        _registration = null;
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> payload)
    {
        // What the interface does not take, being down or the frame being too short, is counted by the interface.
        _ = tap.Write(payload);
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        var share = budget.Take();
        for (var i = 0; i < share; i++)
        {
            var room = session.BeginSend();
            if (room.IsEmpty)
            {
                if (session.IsBlocked)
                    Wait();
                return;
            }

            var count = tap.Read(room);
            if (count > 0)
            {
                session.EndSend(count);
                continue;
            }

            // Anything else than "none now": the device was taken away, and is not to keep the loop turning.
            if (count != -Errno.EAGAIN)
                _registration?.Watch(Readiness.None);
            return;
        }
    }

    /// <summary>The frames wait in the interface's queue, which knows best what to drop.</summary>
    private void Wait()
    {
        _registration?.Watch(Readiness.None);
        session.WhenWritable(() => _registration?.Watch(Readiness.Readable));
    }
}
