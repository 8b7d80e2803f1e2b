using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>The address a peer brings itself, where it may: checked, and its own until it takes another or the grant is given back.</summary>
public sealed class AddressChoice : IAddressChoice
{
    private readonly AddressSpace _space;
    private readonly Ipv4Address _local;
    private AddressLease? _lease;

    internal AddressChoice(AddressSpace space, Ipv4Address local, PermittedAddresses permitted)
    {
        _space = space;
        _local = local;
        Permitted = permitted;
    }

    /// <inheritdoc/>
    public PermittedAddresses Permitted { get; }

    /// <inheritdoc/>
    public Ipv4Address Address => _lease?.Address ?? default;

    /// <summary>The peer wants this address. On true it has it, and the one it had before is free.</summary>
    /// <returns>False: it is our own, no host's, not permitted, or another session's; what the peer had it keeps.</returns>
    public bool TryTake(Ipv4Address address)
    {
        if (_lease?.Address == address)
            return true;

        if (address == _local || !Permitted.Permits(address) || _space.Take(address) is not { } lease)
            return false;

        Release();
        _lease = lease;
        return true;
    }

    /// <summary>Gives the address back.</summary>
    /// <returns>False when there was none.</returns>
    public bool Release()
    {
        AddressLease? lease = _lease;
        _lease = null;
        return lease is not null && _space.Release(lease);
    }
}
