using L2tpd.Ipv6.Packets;

namespace L2tpd.Ipv6.Dhcp;

/// <summary>
/// The DHCPv6 server of one session (RFC 8415), without I/O and clock: a client's message in, the answer out.
/// </summary>
/// <remarks>
/// The session is the client: what it may have is fixed before, whatever DUID and IAID ask for it. A router that was replaced or reset
/// gets the same prefix. So a binding is only the number of the IA that has the prefixes (or addresses); the next IA that asks alone takes
/// it over. A repeated message is answered again with the same content.
/// </remarks>
/// <param name="settings">How to answer.</param>
/// <param name="offer">What the session may have.</param>
public sealed class DhcpServer(DhcpSettings settings, DhcpOffer offer)
{
    private readonly DhcpBinding _prefixes = new(DhcpOption.PrefixAssociation, DhcpStatus.NoPrefixes, "no prefix is available")
    {
        IsAvailable = !offer.Prefixes.IsEmpty,
    };

    private readonly DhcpBinding _addresses = new(DhcpOption.AddressAssociation, DhcpStatus.NoAddresses, "no address is available")
    {
        IsAvailable = !offer.Addresses.IsEmpty,
    };

    /// <summary>Whether the client uses the prefixes: they are to be routed to it.</summary>
    public bool HasPrefixes => _prefixes.Iaid is not null;

    /// <summary>Whether the client uses the addresses.</summary>
    public bool HasAddresses => _addresses.Iaid is not null;

    /// <summary>Answers a message.</summary>
    /// <param name="message">UDP data; any octets.</param>
    /// <param name="answer">Where to write the answer.</param>
    /// <returns>Octets of the answer; 0: the message is not answered.</returns>
    public int Answer(ReadOnlySpan<byte> message, Span<byte> answer)
    {
        if (!DhcpClientMessage.TryParse(message, out var parsed) || !parsed.IsFor(settings.ServerId.AsSpan()))
            return 0;
        var writer = new DhcpWriter(answer);
        var isAnswered = parsed.Type switch
        {
            DhcpMessageType.Solicit when settings.RapidCommit && parsed.HasRapidCommit && CanServeAll(parsed) =>
                Offer(parsed, DhcpMessageType.Reply, ref writer),
            DhcpMessageType.Solicit => Offer(parsed, DhcpMessageType.Advertise, ref writer),
            DhcpMessageType.Request or DhcpMessageType.Renew or DhcpMessageType.Rebind =>
                Offer(parsed, DhcpMessageType.Reply, ref writer),
            DhcpMessageType.Confirm => Confirm(parsed, ref writer),
            DhcpMessageType.Release => GiveUp(parsed, ref writer),
            DhcpMessageType.Decline => GiveUp(parsed, ref writer),
            DhcpMessageType.InformationRequest => Inform(parsed, ref writer),
            _ => false,
        };
        return isAnswered && !writer.Overflowed ? writer.Length : 0;
    }

    // A Reply in which one of several IAs is refused makes WIDE dhcp6c begin again for ever; an Advertise does not.
    private bool CanServeAll(in DhcpClientMessage message) =>
        message.Addresses + message.Prefixes > 0
        && message.Addresses <= (_addresses.IsAvailable ? 1 : 0) && message.Prefixes <= (_prefixes.IsAvailable ? 1 : 0);

    /// <summary>Advertise and Reply with identity associations; a Reply makes the bindings (sections 18.3.1 to 18.3.5).</summary>
    private bool Offer(in DhcpClientMessage message, DhcpMessageType type, ref DhcpWriter writer)
    {
        WriteHead(message, type, ref writer);
        var address = WriteAssociations(message, _addresses, ref writer);
        if (message.Type == DhcpMessageType.Solicit && type == DhcpMessageType.Reply)
            writer.Option(DhcpOption.RapidCommit, default(ReadOnlySpan<byte>));
        WriteNameServers(message, ref writer);
        var prefix = WriteAssociations(message, _prefixes, ref writer);
        if (address is null && prefix is null && message.Wants(DhcpOption.SolicitMaximum))
            writer.Option(DhcpOption.SolicitMaximum, settings.SolicitMaximum);
        if (type == DhcpMessageType.Reply && !writer.Overflowed)
        {
            _addresses.Iaid = address ?? _addresses.Iaid;
            _prefixes.Iaid = prefix ?? _prefixes.Iaid;
        }

        return true;
    }

    /// <summary>Writes the answer to each association of a kind; one of them gets what there is.</summary>
    /// <returns>The number of that one; <c>null</c> if none got anything.</returns>
    private uint? WriteAssociations(in DhcpClientMessage message, DhcpBinding binding, ref DhcpWriter writer)
    {
        var chosen = !binding.IsAvailable ? null
            : binding.Iaid is { } bound && message.Has(binding.Kind, bound) ? bound : message.FirstOf(binding.Kind);
        var isGiven = false;
        var options = new DhcpOptionReader(message.Options);
        while (options.MoveNext())
        {
            if (options.Code != binding.Kind)
                continue;
            var iaid = DhcpClientMessage.IaidOf(options.Data);
            var isChosen = iaid == chosen && !isGiven;
            isGiven |= isChosen;
            var place = isChosen
                ? writer.BeginAssociation(binding.Kind, iaid, settings.RenewTime, settings.RebindTime)
                : writer.BeginAssociation(binding.Kind, iaid, 0, 0);
            if (isChosen)
                WriteLeases(binding, ref writer);
            // The link has one server, which knows that a lease of an earlier session is over (sections 18.3.4 and 18.3.5).
            var mentioned = message.Type is DhcpMessageType.Renew or DhcpMessageType.Rebind
                ? WriteWithdrawn(binding, options.Data[DhcpClientMessage.AssociationSize..], isChosen, ref writer) : 0;
            if (!isChosen && mentioned == 0)
                writer.Status(binding.None, binding.NoneText);
            writer.End(place);
        }

        return chosen;
    }

    private void WriteLeases(DhcpBinding binding, ref DhcpWriter writer)
    {
        if (binding == _addresses)
        {
            foreach (var address in offer.Addresses)
                writer.Address(address, settings.PreferredLifetime, settings.ValidLifetime);
        }
        else
        {
            foreach (var prefix in offer.Prefixes)
                writer.Prefix(prefix, settings.PreferredLifetime, settings.ValidLifetime);
        }
    }

    /// <summary>Returns leases that the client has and must not use, with lifetimes of 0. A few are enough: no client has more.</summary>
    /// <returns>Their number.</returns>
    private int WriteWithdrawn(DhcpBinding binding, ReadOnlySpan<byte> leases, bool isChosen, ref DhcpWriter writer)
    {
        const int Most = 4;
        var count = 0;
        var options = new DhcpOptionReader(leases);
        while (count < Most && options.MoveNext())
        {
            if (options.Code == DhcpOption.Address && binding == _addresses)
            {
                var address = Ipv6Address.Read(options.Data);
                if (isChosen && offer.Addresses.Contains(address))
                    continue;
                writer.Address(address, 0, 0);
                count++;
            }
            else if (options.Code == DhcpOption.Prefix && binding == _prefixes)
            {
                var prefix = new DelegatedPrefix(Ipv6Address.Read(options.Data[9..]), options.Data[8]);
                if (prefix.Address.IsUnspecified || (isChosen && offer.Prefixes.Contains(prefix)))
                    continue;
                writer.Prefix(prefix, 0, 0);
                count++;
            }
        }

        return count;
    }

    /// <summary>Whether the client's addresses are of this link (section 18.3.3). Without an address there is nothing to confirm.</summary>
    private bool Confirm(in DhcpClientMessage message, ref DhcpWriter writer)
    {
        var (count, wrong) = (0, 0);
        var options = new DhcpOptionReader(message.Options);
        while (options.MoveNext())
        {
            if (options.Code != DhcpOption.AddressAssociation)
                continue;
            var leases = new DhcpOptionReader(options.Data[DhcpClientMessage.AssociationSize..]);
            while (leases.MoveNext())
            {
                if (leases.Code != DhcpOption.Address)
                    continue;
                count++;
                wrong += IsOnLink(Ipv6Address.Read(leases.Data)) ? 0 : 1;
            }
        }

        if (count == 0)
            return false;
        WriteHead(message, DhcpMessageType.Reply, ref writer);
        if (wrong == 0)
            writer.Status(DhcpStatus.Success, "on link");
        else
            writer.Status(DhcpStatus.NotOnLink, "not on link");
        return true;
    }

    private bool IsOnLink(Ipv6Address address)
    {
        foreach (var prefix in offer.OnLink)
        {
            if (prefix.Contains(address))
                return true;
        }

        return offer.Addresses.Contains(address);
    }

    /// <summary>Release and Decline (sections 18.3.7 and 18.3.8).</summary>
    private bool GiveUp(in DhcpClientMessage message, ref DhcpWriter writer)
    {
        WriteHead(message, DhcpMessageType.Reply, ref writer);
        writer.Status(DhcpStatus.Success, "done");
        var options = new DhcpOptionReader(message.Options);
        while (options.MoveNext())
        {
            if (options.Code is not (DhcpOption.AddressAssociation or DhcpOption.PrefixAssociation))
                continue;
            var binding = options.Code == DhcpOption.AddressAssociation ? _addresses : _prefixes;
            var iaid = DhcpClientMessage.IaidOf(options.Data);
            if (binding.Iaid != iaid)
            {
                var place = writer.BeginAssociation(options.Code, iaid, 0, 0);
                writer.Status(DhcpStatus.NoBinding, "no binding");
                writer.End(place);
                continue;
            }

            binding.Iaid = null;
            // Another node on the client's side uses the address: the session gets none, rather than the same one for ever.
            if (message.Type == DhcpMessageType.Decline && binding == _addresses)
                binding.IsAvailable = false;
        }

        return true;
    }

    private bool Inform(in DhcpClientMessage message, ref DhcpWriter writer)
    {
        WriteHead(message, DhcpMessageType.Reply, ref writer);
        WriteNameServers(message, ref writer);
        if (message.Wants(DhcpOption.InformationRefreshTime))
            writer.Option(DhcpOption.InformationRefreshTime, settings.InformationRefresh);
        return true;
    }

    private void WriteHead(in DhcpClientMessage message, DhcpMessageType type, ref DhcpWriter writer)
    {
        writer.Header(type, message.Transaction);
        if (!message.ClientId.IsEmpty)
            writer.Option(DhcpOption.ClientId, message.ClientId);
        writer.Option(DhcpOption.ServerId, settings.ServerId.AsSpan());
    }

    private void WriteNameServers(in DhcpClientMessage message, ref DhcpWriter writer)
    {
        var servers = offer.NameServers.IsEmpty ? settings.NameServers : offer.NameServers;
        if (!servers.IsEmpty && message.Wants(DhcpOption.NameServers))
        {
            var place = writer.Begin(DhcpOption.NameServers);
            foreach (var server in servers)
                writer.Address(server);
            writer.End(place);
        }

        if (!settings.SearchDomains.IsEmpty && message.Wants(DhcpOption.SearchDomains))
            writer.Option(DhcpOption.SearchDomains, settings.SearchDomains.AsSpan());
    }
}
