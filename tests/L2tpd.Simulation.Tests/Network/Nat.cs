using System.Net;
using L2tpd.Engine.Addressing;

namespace L2tpd.Simulation.Tests.Network;

/// <summary>
/// One public address for all nodes of 10.0.0.0/8: each private address and port has a public port, until the device restarts.
/// </summary>
public sealed class Nat(string publicAddress)
{
    private const int FirstPort = 20_000;

    private readonly Endpoint _public = Endpoint.From(IPAddress.Parse(publicAddress), 0);
    private readonly Dictionary<Endpoint, ushort> _ports = [];
    private readonly Dictionary<ushort, Endpoint> _insides = [];
    private int _next = FirstPort;

    /// <summary>The address that others see.</summary>
    public Endpoint Outbound(Endpoint from)
    {
        if (!IsInside(from))
            return from;
        if (!_ports.TryGetValue(from, out var port))
        {
            port = (ushort)_next++;
            _ports.Add(from, port);
            _insides.Add(port, from);
        }

        return _public with { Port = port };
    }

    /// <summary>The private address of a public address and port; nobody after the device has restarted.</summary>
    public Endpoint Inbound(Endpoint to) =>
        to.WithoutPort == _public ? _insides.GetValueOrDefault(to.Port) : to;

    /// <summary>The device restarts: every node gets another port.</summary>
    public void Forget()
    {
        _ports.Clear();
        _insides.Clear();
    }

    private static bool IsInside(Endpoint endpoint) => !endpoint.IsIPv6 && (uint)endpoint.Address >> 24 == 10;
}
