using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Ppp;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>Events of what the user has: its address, prefixes and routes.</content>
internal sealed partial class BuiltInSession
{
    private Ipv4Address _assigned;
    private List<IPNetwork>? _installed;

    private void TellAddress(Ipv4Address address, string origin)
    {
        if (address == _assigned || address.IsNone || !_request.Server)
            return;
        TellAddressReleased();
        _assigned = address;
        Publish(new AddressAssigned(_request.Session, address.ToString(), origin));
    }

    private void TellAddressReleased()
    {
        if (_assigned.IsNone)
            return;
        Publish(new AddressReleased(_request.Session, _assigned.ToString()));
        _assigned = default;
    }

    private string OriginOf(Authorisation? authorisation) => authorisation switch
    {
        { AddressSource: AddressSource.Fixed } when _profile.Source.Access == AccessChoice.Radius => "named by RADIUS",
        { AddressSource: AddressSource.Fixed } => "configured for the user",
        { Pool: { } pool } => $"from the pool {pool}",
        _ when _profile.Source.Remote is not null => $"configured as `remote` of the profile {_profile.Source.Name}",
        _ => $"from the pool of the profile {_profile.Source.Name}",
    };

    private void TellPrefixes(Ipv6Grant grant, string? user)
    {
        var authorisation = grant.Authorisation;
        foreach (var network in grant.Networks)
        {
            var use = authorisation.DelegatedPrefixes.Contains(network) ? "delegated by DHCPv6"
                : authorisation.Ipv6Prefixes.Contains(network) ? "advertised to it" : "an address by DHCPv6";
            Publish(new PrefixAssigned(_request.Session, network, use) { User = user });
        }
    }

    private void TellPrefixReleased(IPNetwork network) => Publish(new PrefixReleased(_request.Session, network));

    private void TellRouteInstalled(IPNetwork destination)
    {
        _installed ??= [];
        if (_installed.Contains(destination))
            return;
        _installed.Add(destination);
        Publish(new RouteInstalled(_request.Session, destination));
    }

    private void TellRouteRemoved(IPNetwork destination)
    {
        if (_installed?.Remove(destination) == true)
            Publish(new RouteRemoved(_request.Session, destination));
    }

    /// <summary>The link takes its routes and addresses with it.</summary>
    private void TellAllReleased()
    {
        TellAddressReleased();
        foreach (var destination in _installed ?? [])
            Publish(new RouteRemoved(_request.Session, destination));
        _installed = null;
    }

    private void Publish(SubscriberEvent happened) =>
        _backend.Sink.Submit(new SubscriberReport(happened.User is null ? happened with { User = _user } : happened));
}
