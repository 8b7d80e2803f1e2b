namespace L2tpd.Linux.Sockets;

/// <summary>What binds a socket to a part of the network.</summary>
/// <param name="Device">SO_BINDTODEVICE: interface or VRF name; <c>null</c> for none.</param>
/// <param name="Mark">SO_MARK; 0 for none. Needs CAP_NET_ADMIN.</param>
/// <param name="RequireEsp">Whether the kernel drops what does not come out of ESP. Needs CAP_NET_ADMIN.</param>
public readonly record struct SocketBinding(string? Device = null, uint Mark = 0, bool RequireEsp = false);
