namespace Qi.Actors.Platform.Tests;

public sealed class TopologyTests
{
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("qi-topology-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("", new int[0])]
    [TestCase("\n", new int[0])]
    [TestCase("0", new[] { 0 })]
    [TestCase("0-3\n", new[] { 0, 1, 2, 3 })]
    [TestCase("8, 0-1,10-11,1", new[] { 0, 1, 8, 10, 11 })]
    public void CpuList_WellFormed_IsRead(string text, int[] expected)
        => Assert.That(CpuList.Parse(text), Is.EqualTo(expected));

    [TestCase("a")]
    [TestCase("3-1")]
    [TestCase("-1")]
    [TestCase("1-")]
    [TestCase("1-2-3")]
    [TestCase("70000")]
    [TestCase("0-99999999999")]
    public void CpuList_Malformed_SaysWhatItIs(string text)
        => Assert.That(() => CpuList.Parse(text), Throws.InstanceOf<FormatException>().With.Message.Contains(text));

    [TestCase("max 100000\n", null)]
    [TestCase("150000 100000\n", 1.5)]
    [TestCase("50000", 0.5)]
    [TestCase("200000 0", null)]
    [TestCase("-1 100000", null)]
    [TestCase("", null)]
    [TestCase("1 2 3", null)]
    [TestCase("nonsense", null)]
    public void CpuMax_AnyText_IsRead(string text, double? expected)
        => Assert.That(CgroupQuota.ParseCpuMax(text), Is.EqualTo(expected));

    [TestCase("-1\n", "100000\n", null)]
    [TestCase("250000\n", "100000\n", 2.5)]
    [TestCase("250000", "", null)]
    public void Cfs_AnyText_IsRead(string quota, string period, double? expected)
        => Assert.That(CgroupQuota.ParseCfs(quota, period), Is.EqualTo(expected));

    [Test]
    public void Quota_OfVersion2_IsTheSmallestOnTheWayUp()
    {
        Write("membership", "0::/outer/inner\n");
        Write("mount/outer/cpu.max", "150000 100000\n");
        Write("mount/outer/inner/cpu.max", "max 100000\n");
        Assert.That(Read(), Is.EqualTo(1.5));

        Write("mount/outer/inner/cpu.max", "300000 100000\n");
        Assert.That(Read(), Is.EqualTo(1.5));

        Write("mount/outer/inner/cpu.max", "75000 100000\n");
        Assert.That(Read(), Is.EqualTo(0.75));
    }

    [Test]
    public void Quota_OfVersion2WhosePathIsOutside_IsTheMountPoints()
    {
        Write("membership", "0::/../../somewhere\n");
        Write("mount/cpu.max", "400000 100000\n");
        Assert.That(Read(), Is.EqualTo(4));

        Write("membership", "0::/docker/0123\n");
        Assert.That(Read(), Is.EqualTo(4));
    }

    [Test]
    public void Quota_OfVersion1_IsTheCpuControllers()
    {
        Write("membership", "5:cpuacct:/no\n4:cpu,cpuacct:/group\n3:cpuset:/no\n0::/\n");
        Write("mount/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
        Write("mount/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
        Write("mount/cpu,cpuacct/group/cpu.cfs_quota_us", "300000\n");
        Write("mount/cpu,cpuacct/group/cpu.cfs_period_us", "100000\n");
        Write("mount/cpuset/no/cpu.cfs_quota_us", "1\n");
        Write("mount/cpuset/no/cpu.cfs_period_us", "100000\n");
        Assert.That(Read(), Is.EqualTo(3));
    }

    [Test]
    public void Quota_OfVersion1UnderThePlainName_IsFound()
    {
        Write("membership", "4:cpuacct,cpu:/\n");
        Write("mount/cpu/cpu.cfs_quota_us", "50000\n");
        Write("mount/cpu/cpu.cfs_period_us", "100000\n");
        Assert.That(Read(), Is.EqualTo(0.5));
    }

    [Test]
    public void Quota_WithoutFiles_IsNone() => Assert.That(Read(), Is.Null);

    [Test]
    public void Nodes_OfAFolder_AreReadInOrder()
    {
        Write("nodes/node10/cpulist", "6-7\n");
        Write("nodes/node0/cpulist", "0-1,4\n");
        Write("nodes/node1/cpulist", "broken\n");
        Write("nodes/nodeless/cpulist", "9\n");
        Write("nodes/online", "0\n");

        IReadOnlyList<NumaNode> nodes = Topology.ReadNodes(Path.Combine(_folder, "nodes"));
        Assert.That(nodes.Select(node => node.Id), Is.EqualTo(new[] { 0, 1, 10 }));
        Assert.That(nodes[0].Cores, Is.EqualTo(new[] { 0, 1, 4 }));
        Assert.That(nodes[1].Cores, Is.Empty);
        Assert.That(nodes[2].Cores, Is.EqualTo(new[] { 6, 7 }));
    }

    [Test]
    public void Nodes_OfNoFolder_AreNone()
        => Assert.That(Topology.ReadNodes(Path.Combine(_folder, "missing")), Is.Empty);

    [Test]
    public void Topology_WithForbiddenAndHomelessCores_KeepsTheAllowedOnes()
    {
        NumaNode[] nodes = [new(3, [4, 5]), new(0, [0, 1, 2]), new(7, [8])];
        var subject = new Topology([5, 1, 0, 9, 1], nodes, null);
        Assert.Multiple(() =>
        {
            Assert.That(subject.LogicalCores, Is.EqualTo(new[] { 0, 1, 5, 9 }));
            Assert.That(subject.Nodes.Select(node => node.Id), Is.EqualTo(new[] { 0, 3, 4 }));
            Assert.That(subject.NodeOf(1), Is.Zero);
            Assert.That(subject.NodeOf(5), Is.EqualTo(3));
            Assert.That(subject.NodeOf(9), Is.EqualTo(4));
            Assert.That(subject.NodeOf(8), Is.Zero);
            Assert.That(subject.RecommendedWorkers, Is.EqualTo(4));
        });
    }

    [TestCase(0.1, 1)]
    [TestCase(1.0, 1)]
    [TestCase(1.5, 2)]
    [TestCase(3.0, 3)]
    [TestCase(64.0, 4)]
    public void RecommendedWorkers_UnderAQuota_IsTheQuotaRoundedUp(double quota, int expected)
        => Assert.That(new Topology([0, 1, 2, 3], [], quota).RecommendedWorkers, Is.EqualTo(expected));

    [Test]
    public void Topology_WithoutNodes_IsOneNode()
    {
        var subject = new Topology([2, 3], [], null);
        Assert.That(subject.Nodes, Has.Count.EqualTo(1));
        Assert.That(subject.Nodes[0].Cores, Is.EqualTo(new[] { 2, 3 }));
    }

    [Test]
    public void Topology_OfNothing_Throws()
    {
        Assert.That(() => new Topology([], [], null), Throws.ArgumentException);
        Assert.That(() => new Topology([0], [], 0.0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Current_OnThisMachine_IsConsistent()
    {
        Topology subject = Topology.Current;
        Assert.Multiple(() =>
        {
            Assert.That(subject.LogicalCores, Is.Not.Empty.And.Ordered.And.Unique);
            Assert.That(subject.RecommendedWorkers, Is.InRange(1, subject.LogicalCores.Count));
            Assert.That(subject.Nodes.SelectMany(node => node.Cores).Order(), Is.EqualTo(subject.LogicalCores));
        });
    }

    private double? Read() => CgroupQuota.Read(Path.Combine(_folder, "membership"), Path.Combine(_folder, "mount"));

    private void Write(string path, string text)
    {
        string full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
