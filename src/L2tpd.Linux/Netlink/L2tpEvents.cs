namespace L2tpd.Linux.Netlink;

/// <summary>Listens to multicast group "l2tp". Non-blocking: register <see cref="Descriptor"/> with the loop.</summary>
public sealed class L2tpEvents : IDisposable
{
    /// <summary>Opens a socket of its own and joins the group.</summary>
    /// <returns>ENOENT: no such family or group.</returns>
    public static LinuxError TryOpen(out L2tpEvents? events) => throw new NotImplementedException();

    /// <summary>The socket.</summary>
    public FileDescriptor Descriptor => throw new NotImplementedException();

    /// <summary>Reads what is there.</summary>
    /// <param name="events">Gets the events appended.</param>
    /// <returns>None, or ENOBUFS: events were lost, ask for the whole state.</returns>
    public LinuxError Read(ICollection<L2tpEvent> events) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
