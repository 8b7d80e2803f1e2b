using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// The sockets for data messages of a userspace data plane. Each has the address and port of a socket for control messages, so that a flood
/// of data neither displaces control messages from a queue nor delays them (ADR 9). Loop thread only, except for listeners before the loop
/// runs.
/// </summary>
/// <param name="budget">If descriptors run short, they are kept for further tunnels.</param>
/// <param name="attach">Adds a socket to the loop as a transport with the properties of the given one.</param>
internal sealed class DataSockets(DescriptorBudget budget, Func<Transport, DatagramSocket, Transport> attach)
{
    /// <summary>Size of the send buffer and of the receive buffer of a socket for data, octets.</summary>
    public const int BufferSize = 8 << 20;

    private readonly Dictionary<int, Transport> _byNumber = [];

    /// <summary>Whether the kernel joins received datagrams and splits joined ones on sending (UDP_GRO, UDP_SEGMENT).</summary>
    public bool JoinsDatagrams { get; set; }

    /// <summary>All open sockets for data.</summary>
    public IReadOnlyCollection<Transport> All => _byNumber.Values;

    /// <summary>Opens a socket for data on the address of a UDP socket, unless it has one or descriptors are short.</summary>
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
    /// Chooses the socket for data of a tunnel: the one on the address of its control socket, or the control socket itself if there cannot
    /// be two. In that case the tunnel's own control socket is connected.
    /// </summary>
    /// <param name="control">The socket of its control messages.</param>
    /// <param name="parameters">The tunnel's addresses and their bindings.</param>
    /// <param name="transport">The socket.</param>
    /// <param name="isConnected">Whether sends need no address.</param>
    public LinuxError Choose(Transport control, TunnelParameters parameters, out Transport transport, out bool isConnected)
    {
        isConnected = false;
        // The kernel delivers all datagrams of a peer to the socket that is connected to it.
        if (control is { Kind: TransportKind.Own, ConnectedTo: null })
        {
            Add(control, new UdpSocketOptions
            {
                Local = control.Local.ToSockAddr(), BindDevice = parameters.BindDevice, FwMark = parameters.FwMark,
                RequireEsp = parameters.Path.Remote.IsProtected,
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

    /// <summary>Closes the data socket of a tunnel's own socket, if there is one.</summary>
    public void Close(int number)
    {
        if (_byNumber.Remove(number, out var transport))
            transport.Dispose();
    }
}
