using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>Sends whole Ethernet frames by an interface of another network namespace (packet(7)).</summary>
internal sealed partial class PacketSocket : IDisposable
{
    private const int CloneNewNet = 0x4000_0000;
    private const ushort AllProtocols = 3;

    private readonly Socket _socket;

    private PacketSocket(Socket socket) => _socket = socket;

    public static PacketSocket Open(string networkNamespace, string device)
    {
        PacketSocket? opened = null;
        Exception? failure = null;
        // A thread of its own: it stays in that namespace, and ends.
        var thread = new Thread(() =>
        {
            try
            {
                using var space = File.OpenHandle($"/run/netns/{networkNamespace}");
                if (setns(space, CloneNewNet) != 0)
                    throw new InvalidOperationException($"setns: {Marshal.GetLastPInvokeError()}");
                var socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)IPAddress.HostToNetworkOrder((short)AllProtocols));
                socket.Bind(new DeviceEndPoint((int)if_nametoindex(device)));
                opened = new PacketSocket(socket);
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return opened ?? throw new InvalidOperationException($"{device} in {networkNamespace}", failure);
    }

    public void Send(byte[] frame) => _socket.Send(frame);

    public void Dispose() => _socket.Dispose();

    [LibraryImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setns(Microsoft.Win32.SafeHandles.SafeFileHandle fd, int kind);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint if_nametoindex(string name);

    /// <summary>struct sockaddr_ll.</summary>
    private sealed class DeviceEndPoint(int index) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, 20);
            address.Buffer.Span[2..].Clear();
            (address[2], address[3]) = (0, (byte)AllProtocols);
            BitConverter.TryWriteBytes(address.Buffer.Span[4..], index);
            return address;
        }

        public override string ToString() => index.ToString(CultureInfo.InvariantCulture);
    }
}
