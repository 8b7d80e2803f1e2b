using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.PppHosting.Userspace;

/// <content>The rates of the session: packets above them are dropped and counted, in both directions.</content>
public sealed partial class UserspacePppLink
{
    private LinkRates? _rates;

    /// <inheritdoc/>
    public void SetRates(SessionRates rates) =>
        _rates = rates == SessionRates.None ? null : new LinkRates(rates, _rates, links.Timers.Now);

    /// <summary>Whether a packet to the peer must be dropped.</summary>
    private bool IsAboveRate(int octets)
    {
        if (_rates is null || _rates.TryToPeer(octets, links.Timers.Now))
            return false;
        links.Drops.OverRate++;
        return true;
    }

    /// <summary>Whether a packet from the peer, whose time of arrival is noted, may pass.</summary>
    private bool MayPass(int octets)
    {
        if (_rates is null || _rates.TryFromPeer(octets, _lastIn))
            return true;
        links.Drops.OverRate++;
        return false;
    }
}
