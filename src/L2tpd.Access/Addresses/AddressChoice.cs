using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>The address that a peer chooses itself, within what it may have.</summary>
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

    /// <inheritdoc/>
    /// <remarks>False for our own address, one that no host can have, one that is not permitted, and one in use.</remarks>
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

    /// <inheritdoc/>
    public bool Release()
    {
        var lease = _lease;
        _lease = null;
        return lease is not null && _space.Release(lease);
    }
}
