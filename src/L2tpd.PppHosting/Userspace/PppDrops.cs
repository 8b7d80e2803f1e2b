using L2tpd.Runtime.Counters;

namespace L2tpd.PppHosting.Userspace;

/// <summary>Data packets of PPP sessions that were dropped, by reason. Loop thread only.</summary>
public sealed class PppDrops
{
    /// <summary>From a subscriber with a source address that is not its own.</summary>
    public long WrongSource { get; set; }

    /// <summary>From a subscriber to a network behind the same subscriber, which would be sent back to it.</summary>
    public long Hairpin { get; set; }

    /// <summary>From a subscriber behind a shared interface, to a multicast group of its link: nobody else is on it.</summary>
    public long LinkMulticast { get; set; }

    /// <summary>To an address that no subscriber has.</summary>
    public long NoSubscriber { get; set; }

    /// <summary>From a peer, and not an IP packet of the version that its protocol number says.</summary>
    public long Malformed { get; set; }

    /// <summary>The socket of the tunnel, or the interface, was full.</summary>
    public long NoRoom { get; set; }

    /// <summary>There is no interface, as configured.</summary>
    public long Discarded { get; set; }

    /// <summary>The tunnel's own packets, which a route sent into the tunnel.</summary>
    public long Looped { get; set; }

    /// <summary>Above the rate of its session, either way.</summary>
    public long OverRate { get; set; }

    /// <summary>For a session that is dialled on demand: it found no room while that was down, or the session did not come up.</summary>
    public long NotConnected { get; set; }

    /// <summary>All profiles.</summary>
    public long Total =>
        WrongSource + Hairpin + LinkMulticast + NoSubscriber + Malformed + NoRoom + Discarded + Looped + OverRate + NotConnected;

    public void CountNoRoom() => NoRoom++;

    /// <summary>Adds the counters to the registry.</summary>
    public void Register(CounterRegistry registry) => registry.Add(
        new CounterFamily("l2tpd_ppp_packets_dropped_total", "packets",
            "Data packets of PPP sessions dropped, by reason; userspace data plane.")
        { Labels = ["reason"] },
        samples =>
        {
            samples.Add(WrongSource, "wrong-source");
            samples.Add(Hairpin, "hairpin");
            samples.Add(LinkMulticast, "link-multicast");
            samples.Add(NoSubscriber, "no-subscriber");
            samples.Add(Malformed, "malformed");
            samples.Add(NoRoom, "no-room");
            samples.Add(Discarded, "no-interface");
            samples.Add(Looped, "looped");
            samples.Add(OverRate, "over-rate");
            samples.Add(NotConnected, "not-connected");
        });

    public override string ToString() =>
        $"{WrongSource} with a wrong source, {Hairpin} to the subscriber's own networks, " +
        $"{LinkMulticast} to multicast groups of the link, {NoSubscriber} to no subscriber, " +
        $"{Malformed} malformed, {NoRoom} for lack of room, {Discarded} without interface, {Looped} of the tunnel itself, " +
        $"{OverRate} above a rate, {NotConnected} while their session was down";
}
