namespace L2tpd.Linux.Interop;

/// <summary>linux/rtnetlink.h, linux/pkt_sched.h, linux/pkt_cls.h: queueing disciplines, filters and the police action.</summary>
internal static unsafe partial class Native
{
    public const ushort RTM_NEWQDISC = 36;
    public const ushort RTM_DELQDISC = 37;
    public const ushort RTM_NEWTFILTER = 44;
    public const ushort RTM_DELTFILTER = 45;

    public const ushort TCA_KIND = 1;
    public const ushort TCA_OPTIONS = 2;
    public const ushort TCA_TBF_PARMS = 1;
    public const ushort TCA_TBF_RATE64 = 4;
    public const ushort TCA_TBF_BURST = 6;
    public const ushort TCA_FQ_CODEL_LIMIT = 2;
    public const ushort TCA_FQ_CODEL_FLOWS = 5;
    public const ushort TCA_MATCHALL_ACT = 2;
    public const ushort TCA_ACT_KIND = 1;
    public const ushort TCA_ACT_OPTIONS = 2;
    public const ushort TCA_POLICE_TBF = 1;
    public const ushort TCA_POLICE_RATE = 2;
    public const ushort TCA_POLICE_RATE64 = 8;

    public const uint TC_H_ROOT = 0xffff_ffff;
    public const uint TC_H_CLSACT = 0xffff_fff1;
    public const uint TC_H_CLSACT_INGRESS = 0xffff_fff2;
    public const uint TC_H_INGRESS_HANDLE = 0xffff_0000;
    public const int TC_ACT_SHOT = 2;
    public const byte TC_LINKLAYER_ETHERNET = 1;
    public const int TC_RTAB_SIZE = 1024;

    /// <summary>struct tcmsg.</summary>
    public struct tcmsg
    {
        public byte tcm_family;
        public byte tcm_pad1;
        public ushort tcm_pad2;
        public int tcm_ifindex;
        public uint tcm_handle;
        public uint tcm_parent;
        public uint tcm_info;
    }

    /// <summary>struct tc_ratespec.</summary>
    public struct tc_ratespec
    {
        public byte cell_log;
        public byte linklayer;
        public ushort overhead;
        public short cell_align;
        public ushort mpu;
        public uint rate;
    }

    /// <summary>struct tc_tbf_qopt.</summary>
    public struct tc_tbf_qopt
    {
        public tc_ratespec rate;
        public tc_ratespec peakrate;
        public uint limit;
        public uint buffer;
        public uint mtu;
    }

    /// <summary>struct tc_police.</summary>
    public struct tc_police
    {
        public uint index;
        public int action;
        public uint limit;
        public uint burst;
        public uint mtu;
        public tc_ratespec rate;
        public tc_ratespec peakrate;
        public int refcnt;
        public int bindcnt;
        public uint capab;
    }
}
