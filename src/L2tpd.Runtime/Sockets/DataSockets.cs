using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// The sockets by which data go when the daemon carries them itself: one beside that of control messages, on the same address and port, so
/// that a flood of data pushes no control message out of a queue nor makes it wait (ADR 9). Loop thread only, but for listeners before the
/// loop runs.
/// </summary>
/// <param name="budget">Where descriptors run short a tunnel more is worth more.</param>
/// <param name="attach">Makes a socket a transport like the one it stands beside, in the loop.</param>
internal sealed class DataSockets(DescriptorBudget budget, Func<Transport, DatagramSocket, Transport> attach)
{
    /// <summary>Octets of each buffer of a socket that carries data.</summary>
    public const int BufferSize = 8 << 20;

    private readonly Dictionary<int, Transport> _byNumber = [];

    /// <summary>The kernel may join datagrams, and take joined ones.</summary>
    public bool JoinsDatagrams { get; set; }

    /// <summary>Those there are.</summary>
    public IReadOnlyCollection<Transport> All => _byNumber.Values;

    /// <summary>Opens one beside a UDP socket, unless there is one, or descriptors are short.</summary>
    public void Add(Transport transport, UdpSocketOptions options)
    {
        if (_byNumber.ContainsKey(transport.Number) || transport.Socket is not UdpSocket control
            || !control.TryOpenForData(options, out var data).IsNone)
        {
            return;
        }

        if ((ulong)data!.Descriptor.Number >= budget.Limit / 2)
        {
            data.Dispose();
            return;
        }

        if (JoinsDatagrams)
            control.JoinDatagrams();
        _byNumber[transport.Number] = attach(transport, data);
    }

    /// <summary>
    /// The socket for data of a tunnel: one beside that of its control messages, or the same where there cannot be two, which is connected
    /// then if it is the tunnel's own.
    /// </summary>
    /// <param name="control">The socket of its control messages.</param>
    /// <param name="parameters">The tunnel's addresses and their bindings.</param>
    /// <param name="transport">The socket.</param>
    /// <param name="isConnected">Sends need no address.</param>
    public LinuxError Choose(Transport control, TunnelParameters parameters, out Transport transport, out bool isConnected)
    {
        isConnected = false;
        // A socket that is connected hears its peer before any other, all of it.
        if (control is { Kind: TransportKind.Own, ConnectedTo: null })
        {
            Add(control, new UdpSocketOptions
            {
                Local = control.Local.ToSockAddr(), BindDevice = parameters.BindDevice, FwMark = parameters.FwMark,
                ReceiveBuffer = BufferSize, SendBuffer = BufferSize,
            });
        }

        var hasQueueOfItsOwn = _byNumber.TryGetValue(control.Number, out var beside);
        transport = beside ?? control;
        if (JoinsDatagrams)
            transport.Socket.JoinDatagrams();
        if (transport.Kind == TransportKind.Listener || hasQueueOfItsOwn)
            return LinuxError.None;
        var remote = parameters.Path.Remote;
        if (transport.ConnectedTo != remote && transport.Socket.Connect(remote.ToSockAddr()) is { IsNone: false } failure)
            return failure;
        transport.ConnectedTo = remote;
        transport.Socket.GrowBuffers(BufferSize);
        isConnected = true;
        return LinuxError.None;
    }

    /// <summary>Closes the one beside a tunnel's own socket, if there is one.</summary>
    public void Close(int number)
    {
        if (_byNumber.Remove(number, out var transport))
            transport.Dispose();
    }
}
