import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** A namenode with its web interface at the given port, and a datanode, in the given folder; writes the file "ready" when both serve. */
public class MiniHdfs {
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    Configuration conf = new Configuration();
    conf.set("hdfs.minidfs.basedir", folder.resolve("data").toString());
    // pages of a listing small enough that tests see several
    conf.setInt("dfs.ls.limit", 3);
    conf.setBoolean("dfs.permissions.enabled", false);
    MiniDFSCluster cluster =
        new MiniDFSCluster.Builder(conf).numDataNodes(1).nameNodeHttpPort(Integer.parseInt(args[1])).build();
    cluster.waitActive();
    Files.writeString(folder.resolve("ready"), "ready");
    Thread.sleep(Long.MAX_VALUE);
  }
}
