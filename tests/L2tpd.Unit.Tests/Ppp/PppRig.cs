using System.Buffers.Binary;
using System.Net;
using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>Counts up, so that every magic number and challenge of a test is known in advance.</summary>
internal sealed class CountingRandom(byte start) : IPppRandom
{
    private byte _next = start;

    public void Fill(Span<byte> destination)
    {
        foreach (ref var octet in destination)
            octet = _next++;
    }
}

/// <summary>One endpoint with a record of everything it does; the test plays the peer.</summary>
internal sealed class PppRig : IPppEffects
{
    internal PppRig(PppProfile profile, PppCredentials? credentials = null, byte randomStart = 0x10)
    {
        Endpoint = new PppEndpoint(7, profile, new CountingRandom(randomStart), credentials);
    }

    /// <summary>An endpoint made of a snapshot, under another clock.</summary>
    internal PppRig(PppProfile profile, PppSnapshot snapshot, AddressGrant grant)
    {
        Now = 50_000_000;
        Endpoint = PppEndpoint.Restore(snapshot, 7, profile, new CountingRandom(0x80), null, grant, Now, this);
    }

    internal PppEndpoint Endpoint { get; }

    internal long Now { get; set; }

    internal List<byte[]> Frames { get; } = [];

    internal List<string> Log { get; } = [];

    internal List<(uint Attempt, AuthenticationRequest Facts)> Proofs { get; } = [];

    internal List<(uint Attempt, Authorisation? Authorisation)> AddressRequests { get; } = [];

    internal List<AddressGrant> Released { get; } = [];

    internal PppEnd? End { get; private set; }

    internal LinkParameters? Link { get; private set; }

    internal Ipv4Network? Ipv4 { get; private set; }

    internal Ipv6Network? Ipv6 { get; private set; }

    /// <summary>Takes the only frame sent since the last look, as hex without FF 03.</summary>
    internal string Sent()
    {
        var frame = Assert.Single(Frames);
        Frames.Clear();
        return Hex(frame);
    }

    internal string[] AllSent()
    {
        string[] all = [.. Frames.Select(Hex)];
        Frames.Clear();
        return all;
    }

    internal void Open(ProxyState? proxy = null) => Endpoint.Open(Now, this, proxy);

    internal PppFrameKind Receive(string hex) => Endpoint.HandleFrame(Convert.FromHexString(hex.Replace(" ", string.Empty)), Now, this);

    /// <summary>Receives a control packet; the length field is filled in.</summary>
    internal PppFrameKind Receive(PppProtocol protocol, int code, int id, string dataHex = "")
    {
        var data = Convert.FromHexString(dataHex.Replace(" ", string.Empty));
        var frame = new byte[8 + data.Length];
        frame[0] = 0xff;
        frame[1] = 0x03;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)protocol);
        frame[4] = (byte)code;
        frame[5] = (byte)id;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(6), (ushort)(4 + data.Length));
        data.CopyTo(frame, 8);
        return Endpoint.HandleFrame(frame, Now, this);
    }

    /// <summary>Moves to the next deadline, which must be at the given time.</summary>
    internal void ExpireAt(long time)
    {
        Assert.Equal(time, Endpoint.NextDeadline);
        Now = time - 1;
        var before = Frames.Count;
        Endpoint.HandleDeadline(Now, this);
        Assert.Equal(before, Frames.Count);
        Now = time;
        Endpoint.HandleDeadline(Now, this);
    }

    /// <summary>Opens LCP with a peer that asks for the given options and accepts ours.</summary>
    internal void OpenLcp(string peerOptions = "0506 99999999")
    {
        Open();
        AckOwnRequest(PppProtocol.Lcp);
        Receive(PppProtocol.Lcp, 1, 1, peerOptions);
        Assert.Equal(PppState.Opened, Endpoint.LcpState);
        Frames.RemoveAll(f => f[2] == 0xc0 && f[3] == 0x21);
    }

    /// <summary>Acknowledges the latest Configure-Request of a protocol.</summary>
    internal void AckOwnRequest(PppProtocol protocol)
    {
        var request = Frames.Last(f => BinaryPrimitives.ReadUInt16BigEndian(f.AsSpan(2)) == (ushort)protocol && f[4] == 1);
        byte[] ack = [.. request];
        ack[4] = 2;
        Endpoint.HandleFrame(ack, Now, this);
        Frames.Remove(request);
    }

    public void SendFrame(PppEndpoint endpoint, ReadOnlySpan<byte> frame)
    {
        Assert.Same(Endpoint ?? endpoint, endpoint);
        Frames.Add(frame.ToArray());
    }

    public void RequestAuthentication(PppEndpoint endpoint, uint attempt, AuthenticationRequest facts) => Proofs.Add((attempt, facts));

    public void RequestAddress(PppEndpoint endpoint, uint attempt, Authorisation? authorisation) =>
        AddressRequests.Add((attempt, authorisation));

    public void ReleaseAddress(PppEndpoint endpoint, AddressGrant grant) => Released.Add(grant);

    public void LinkUp(PppEndpoint endpoint, LinkParameters link)
    {
        Link = link;
        Log.Add("link up");
    }

    public void NetworkUp(PppEndpoint endpoint, PppNetwork network)
    {
        Ipv4 = network as Ipv4Network ?? Ipv4;
        Ipv6 = network as Ipv6Network ?? Ipv6;
        Log.Add(network is Ipv4Network ? "ipv4 up" : "ipv6 up");
    }

    public void NetworkDown(PppEndpoint endpoint, PppNetwork network) => Log.Add(network is Ipv4Network ? "ipv4 down" : "ipv6 down");

    public void AddRoute(PppEndpoint endpoint, IPNetwork destination) => Log.Add($"route {destination}");

    public void RemoveRoute(PppEndpoint endpoint, IPNetwork destination) => Log.Add($"no route {destination}");

    public void LinkRestarted(PppEndpoint endpoint) => Log.Add("link restarted");

    public void Ended(PppEndpoint endpoint, PppEnd end)
    {
        Assert.Null(End);
        End = end;
        Log.Add("ended");
    }

    private static string Hex(byte[] frame) => Convert.ToHexString(PppFrame.WithoutAddressAndControl(frame)).ToLowerInvariant();
}
